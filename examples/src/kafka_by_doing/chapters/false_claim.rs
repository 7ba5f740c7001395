//! A chapter that claims what is not so, for the test of how this program ends then. It is not
//! listed.

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::narrator::Narrator;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "false-claim",
    title: "a claim that does not hold",
    body: Body::OneBroker(|narrator, _kafka| Box::pin(tell(narrator))),
};

async fn tell(narrator: &mut Narrator) -> wellspring::Result<Outcome> {
    narrator.step("Add one and one.").await;
    narrator.claim("it is three", 1 + 1, 3)?;
    Ok(Outcome::Told)
}
