//! Predecessors as people type them: `A-T001, A-T002SS+2d`, by code or outline number.

use heqi_domain::RecordId;
use heqi_domain::plan::{LinkType, PlanCommand, Predecessor};
use heqi_domain::quantity::Lag;

/// A dependency somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub pred: RecordId,
    pub link_type: LinkType,
    pub lag: Lag,
}

/// The dependencies as text, in the form that [`parse`] reads.
pub(crate) fn text(predecessors: &[Predecessor]) -> String {
    let one = |link: &Predecessor| {
        let plain = link.link_type == LinkType::Fs && link.lag.is_empty();
        let link_type = if plain { "" } else { link.link_type.as_str() };
        format!("{}{link_type}{}", link.code, link.lag)
    };
    predecessors.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Reads typed dependencies; the error is the piece that is none. `find` knows codes and outline numbers.
pub(crate) fn parse(
    text: &str,
    find: impl Fn(&str) -> Option<RecordId>,
) -> Result<Vec<Wanted>, String> {
    text.split([',', ';', '，', '；', '、'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .map(|piece| parse_one(piece, &find).ok_or_else(|| piece.to_owned()))
        .collect()
}

/// The commands that make `wanted` of what is there.
pub(crate) fn changes(
    succ: RecordId,
    present: &[Predecessor],
    wanted: &[Wanted],
) -> Vec<PlanCommand> {
    let mut left: Vec<&Predecessor> = present.iter().collect();
    let mut unmet = Vec::new();
    let mut commands = Vec::new();
    for want in wanted {
        let same = |link: &&Predecessor| link.task == want.pred && link.link_type == want.link_type;
        match left.iter().position(same) {
            Some(at) => commands.extend(relagged(left.swap_remove(at), want)),
            None => unmet.push(want),
        }
    }
    for want in unmet {
        match left.iter().position(|link| link.task == want.pred) {
            Some(at) => commands.push(set(left.swap_remove(at), want)),
            None => commands.push(PlanCommand::AddLink {
                pred: want.pred,
                succ,
                link_type: want.link_type,
                lag: want.lag,
            }),
        }
    }
    let remove = |link: &Predecessor| PlanCommand::RemoveLink { link: link.link };
    // Removals first: a new link may only fit once an old one is gone.
    left.into_iter().map(remove).chain(commands).collect()
}

fn relagged(link: &Predecessor, want: &Wanted) -> Option<PlanCommand> {
    (link.lag != want.lag.to_string()).then(|| set(link, want))
}

fn set(link: &Predecessor, want: &Wanted) -> PlanCommand {
    PlanCommand::SetLink {
        link: link.link,
        link_type: want.link_type,
        lag: want.lag,
    }
}

/// The longest beginning that names a task is the task: codes may end in letters or digits.
fn parse_one(piece: &str, find: &impl Fn(&str) -> Option<RecordId>) -> Option<Wanted> {
    let ends = piece.char_indices().map(|(at, c)| at + c.len_utf8());
    let ends: Vec<usize> = ends.collect();
    ends.into_iter().rev().find_map(|end| {
        let (name, rest) = piece.split_at(end);
        let (link_type, lag) = parse_rest(rest.trim())?;
        let pred = find(name.trim())?;
        Some(Wanted {
            pred,
            link_type,
            lag,
        })
    })
}

fn parse_rest(rest: &str) -> Option<(LinkType, Lag)> {
    let typed = rest.get(..2).and_then(LinkType::parse);
    let lag = if typed.is_some() { &rest[2..] } else { rest };
    let signed = lag.is_empty() || lag.trim_start().starts_with(['+', '-']);
    let lag = signed.then(|| Lag::parse(lag))??;
    Some((typed.unwrap_or_default(), lag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> RecordId {
        RecordId([n; 16])
    }

    fn find(name: &str) -> Option<RecordId> {
        match name {
            "A-T1" => Some(id(1)),
            "A-T12" => Some(id(12)),
            "1.2" => Some(id(3)),
            _ => None,
        }
    }

    fn link(n: u8, link_type: LinkType, lag: &str) -> Predecessor {
        Predecessor {
            link: id(100 + n),
            task: id(n),
            code: format!("A-T{n}"),
            link_type,
            lag: lag.to_owned(),
            suspended: false,
        }
    }

    #[test]
    fn codes_numbers_types_and_lags_are_read() {
        let wanted = parse("A-T12, A-T1SS+2d；1.2 ff -50%", find).unwrap();
        let lag = |text| Lag::parse(text).unwrap();
        let expected = [
            (12, LinkType::Fs, lag("")),
            (1, LinkType::Ss, lag("2d")),
            (3, LinkType::Ff, lag("-50%")),
        ];
        let read: Vec<_> = wanted
            .iter()
            .map(|w| (w.pred, w.link_type, w.lag))
            .collect();
        assert_eq!(
            read,
            expected.map(|(n, link_type, lag)| (id(n), link_type, lag))
        );
    }

    #[test]
    fn a_piece_that_names_no_task_is_told() {
        assert_eq!(parse("A-T1, A-T9SS", find), Err("A-T9SS".to_owned()));
        assert_eq!(parse("A-T1xx", find), Err("A-T1xx".to_owned()));
    }

    #[test]
    fn what_is_shown_reads_back_as_no_change() {
        let present = [link(1, LinkType::Fs, ""), link(12, LinkType::Ss, "+2d")];
        let wanted = parse(&text(&present), find).unwrap();
        assert_eq!(changes(id(50), &present, &wanted), []);
    }

    #[test]
    fn only_differences_become_commands() {
        let present = [link(1, LinkType::Fs, ""), link(12, LinkType::Ss, "+2d")];
        let wanted = parse("A-T1FF, 1.2", find).unwrap();
        let none = Lag::NONE;
        let expected = [
            PlanCommand::RemoveLink { link: id(112) },
            PlanCommand::SetLink {
                link: id(101),
                link_type: LinkType::Ff,
                lag: none,
            },
            PlanCommand::AddLink {
                pred: id(3),
                succ: id(50),
                link_type: LinkType::Fs,
                lag: none,
            },
        ];
        assert_eq!(changes(id(50), &present, &wanted), expected);
    }
}
