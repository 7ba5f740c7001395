//! "Did you mean": the known word closest to what was typed.

/// Returns the known word that is near enough to `typed` to be what was meant.
///
/// Up to a third of the word may be wrong, and at most four letters; more than that is another
/// word. Of several, the first of the nearest ones.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (typed.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Ends a message about an unknown word: with the nearest of the known ones, or with all of them.
#[must_use]
pub fn suggestion(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("it is one of {}", listed(known)),
    }
}

/// Returns "`a`, `b` or `c`".
#[must_use]
pub fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Returns how many insertions, deletions, replacements and swaps of two neighbours turn `a` into
/// `b` (the optimal string alignment distance).
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    // `cells[i * width + j]` is the distance between the first `i` of `a` and the first `j` of `b`.
    let mut cells: Vec<usize> = Vec::with_capacity((a.len() + 1) * width);
    let at = |cells: &[usize], i: usize, j: usize| {
        cells.get(i * width + j).copied().unwrap_or(usize::MAX)
    };
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let (Some(x), Some(y)) = (i.checked_sub(1), j.checked_sub(1)) else {
                // From or to nothing, each character is an edit.
                cells.push(i.max(j));
                continue;
            };
            let replaced = at(&cells, x, y) + usize::from(a.get(x) != b.get(y));
            let edited = at(&cells, x, j).min(at(&cells, i, y)) + 1;
            let swapped = match (x.checked_sub(1), y.checked_sub(1)) {
                (Some(u), Some(v)) if a.get(x) == b.get(v) && a.get(u) == b.get(y) => {
                    at(&cells, u, v) + 1
                }
                _ => usize::MAX,
            };
            cells.push(replaced.min(edited).min(swapped));
        }
    }
    cells.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_edits() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("key", "kye", 1),
            ("workers", "wrokers", 1),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (edits, edits), "{a} {b}");
        }
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["workers", "ordering", "retry"];
        assert_eq!(nearest("wrokers", known), Some("workers"));
        assert_eq!(nearest("oredring", known), Some("ordering"));
        assert_eq!(nearest("timeout", known), None);
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_lists_them_all() {
        let known = ["topic", "group", "workers"];
        assert_eq!(suggestion("wrokers", &known), "did you mean `workers`?");
        assert_eq!(suggestion("tpoic", &known), "did you mean `topic`?");
        assert_eq!(
            suggestion("timeout", &known),
            "it is one of `topic`, `group` or `workers`"
        );
        assert_eq!(listed(&[]), "");
    }
}
