//! Outline levels of rows in order become parents.

use super::error::Reason;
use crate::limits::DEPTH_MAX;

/// The parent of every row, and which rows had a level that does not follow from the row above.
pub(super) struct Outline {
    pub(super) parents: Vec<Option<usize>>,
    pub(super) repaired: Vec<usize>,
}

/// Builds the outline of rows from their levels, 1 at the top.
///
/// A level that skips some is taken as one below the nearest row above that has a smaller level. Errors with the index of
/// the row whose depth is beyond [`DEPTH_MAX`].
pub(super) fn outline(
    levels: impl Iterator<Item = Option<u32>>,
) -> Result<Outline, (usize, Reason)> {
    let mut outline = Outline {
        parents: Vec::new(),
        repaired: Vec::new(),
    };
    let mut open: Vec<(u32, usize)> = Vec::new();
    for (index, level) in levels.enumerate() {
        let given = level.unwrap_or(0);
        let level = given.max(1);
        while open.last().is_some_and(|(above, _)| *above >= level) {
            open.pop();
        }
        let expected = open.last().map_or(1, |(above, _)| above.saturating_add(1));
        if given != expected {
            outline.repaired.push(index);
        }
        if open.len() >= DEPTH_MAX {
            let max = DEPTH_MAX as u64;
            return Err((index, Reason::OutlineTooDeep { max }));
        }
        outline.parents.push(open.last().map(|(_, parent)| *parent));
        open.push((level, index));
    }
    Ok(outline)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(levels: &[u32]) -> (Vec<Option<usize>>, Vec<usize>) {
        let built = outline(levels.iter().copied().map(Some)).ok().unwrap();
        (built.parents, built.repaired)
    }

    #[test]
    fn levels_become_parents() {
        let parents = vec![None, Some(0), Some(1), Some(0), None];
        assert_eq!(of(&[1, 2, 3, 2, 1]), (parents, vec![]));
    }

    #[test]
    fn a_jump_goes_to_the_nearest_parent_and_is_told() {
        let parents = vec![None, Some(0), Some(0), None];
        assert_eq!(of(&[2, 5, 3, 1]), (parents, vec![0, 1]));
        assert_eq!(of(&[0, u32::MAX]), (vec![None, Some(0)], vec![0, 1]));
    }

    #[test]
    fn an_outline_deeper_than_the_plan_allows_is_refused() {
        let deepest = u32::try_from(DEPTH_MAX).unwrap();
        assert!(outline((1..=deepest).map(Some)).is_ok());
        let refused = outline((1..=deepest + 1).map(Some)).err().unwrap();
        assert_eq!(refused.0, DEPTH_MAX);
    }
}
