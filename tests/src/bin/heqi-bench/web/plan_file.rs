//! A plan as Microsoft Project writes it.

use std::fmt::Write as _;

use heqi_domain::import::ImportedPlan;

/// The file's text.
pub(crate) fn text(plan: &ImportedPlan) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <Project xmlns=\"http://schemas.microsoft.com/project\">\n\
         <GUID>5B0C2F66-7D10-4C4E-9C57-2D8B1C1E7A03</GUID>\n\
         <Title>Harbour crossing</Title><CreationDate>2026-01-05T08:00:00</CreationDate>\n<Tasks>\n",
    );
    for (at, task) in plan.tasks.iter().enumerate() {
        let (uid, name) = (task.uid, &task.name);
        let level = 1 + std::iter::successors(task.parent, |up| plan.tasks[*up].parent).count();
        let pred = plan.links.iter().find(|link| link.succ_uid == uid);
        let link = pred.map_or_else(String::new, |link| {
            format!(
                "<PredecessorLink><PredecessorUID>{}</PredecessorUID><Type>1</Type></PredecessorLink>",
                link.pred_uid
            )
        });
        // Writing to memory does not fail.
        let _ = writeln!(
            text,
            "<Task><UID>{uid}</UID><ID>{}</ID><Name>{name}</Name><OutlineLevel>{level}</OutlineLevel>\
             <Duration>PT16H0M0S</Duration>{link}</Task>",
            at + 1
        );
    }
    text.push_str("</Tasks>\n</Project>\n");
    text
}

#[cfg(test)]
mod tests {
    use crate::replica::workload;

    #[test]
    fn the_file_reads_back_as_the_plan_it_was_made_of() {
        let plan = workload::plan(250);
        let read = heqi_domain::mspdi::read(super::text(&plan).as_bytes(), "plan.xml").unwrap();
        assert_eq!(read.tasks.len(), 250);
        assert_eq!(read.links.len(), plan.links.len());
        let parents = |plan: &heqi_domain::import::ImportedPlan| -> Vec<_> {
            plan.tasks.iter().map(|task| task.parent).collect()
        };
        assert_eq!(parents(&read), parents(&plan));
    }
}
