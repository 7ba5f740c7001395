//! "Did you mean": the known word closest to what was typed.

/// What a complaint about an unknown word ends with: the nearest of the known ones, or all of them.
pub(crate) fn suggestion(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("it is one of {}", listed(known)),
    }
}

/// "`a`, `b` or `c`".
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The known word that is near enough to be what was meant.
pub(crate) fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    // A third of the word may be wrong; more than that is another word.
    let limit = (typed.chars().count() / 3).clamp(1, 4);
    known
        .iter()
        .map(|word| (distance(typed, word), *word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Insertions, deletions, replacements and swaps of two neighbours that turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    // `cells[i * width + j]` is the distance between the first `i` of `a` and the first `j` of `b`.
    let mut cells: Vec<usize> = Vec::with_capacity((a.len() + 1) * width);
    let at = |cells: &[usize], i: usize, j: usize| {
        cells.get(i * width + j).copied().unwrap_or(usize::MAX)
    };
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let cell = match (i.checked_sub(1), j.checked_sub(1)) {
                (Some(x), Some(y)) => {
                    let replaced = at(&cells, x, y) + usize::from(a.get(x) != b.get(y));
                    let edited = at(&cells, x, j).min(at(&cells, i, y)) + 1;
                    let swapped = match (x.checked_sub(1), y.checked_sub(1)) {
                        (Some(u), Some(v)) if a.get(x) == b.get(v) && a.get(u) == b.get(y) => {
                            at(&cells, u, v) + 1
                        }
                        _ => usize::MAX,
                    };
                    replaced.min(edited).min(swapped)
                }
                _ => i.max(j),
            };
            cells.push(cell);
        }
    }
    cells.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_lists_them_all() {
        let known = ["topic", "group", "workers"];
        assert_eq!(suggestion("wrokers", &known), "did you mean `workers`?");
        assert_eq!(suggestion("tpoic", &known), "did you mean `topic`?");
        assert_eq!(
            suggestion("timeout", &known),
            "it is one of `topic`, `group` or `workers`"
        );
    }

    #[test]
    fn distances_are_edits() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("key", "kye", 1),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (edits, edits), "{a} {b}");
        }
    }
}
