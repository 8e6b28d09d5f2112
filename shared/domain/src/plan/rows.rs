//! Rows as interfaces show them, from the facts and from what follows of them.

use super::Plan;
use super::code::Codes;
use super::field::{IS, IS_TASK};
use super::task::TaskKind;
use super::view::{DeletedTask, PlanSummary, Predecessor, RowKind, TaskDetail, TaskRow};
use crate::record::RecordId;

impl Plan {
    /// The whole view as a difference from nothing.
    pub fn snapshot(&self) -> super::PlanDiff {
        super::PlanDiff {
            splices: vec![super::Splice {
                at: 0,
                removed: 0,
                inserted: self.order().to_vec(),
            }],
            rows: self.rows().cloned().collect(),
            renumbered: Vec::new(),
            conflicts_changed: self.conflicts().cloned().collect(),
            conflicts_gone: Vec::new(),
        }
    }

    /// The outline's order, all tasks that are not deleted.
    pub fn order(&self) -> &[RecordId] {
        &self.outline.order
    }

    /// The row of a task that is not deleted.
    pub fn row(&self, task: RecordId) -> Option<&TaskRow> {
        self.rows.get(&task)
    }

    /// Code and name of a task, deleted ones included; the id of one that is not known.
    pub fn title(&self, task: RecordId) -> String {
        if !self.nodes.contains_key(&task) {
            return task.to_string();
        }
        format!("{} {}", self.codes.shown(task), self.name(task))
    }

    /// All rows in outline order.
    pub fn rows(&self) -> impl Iterator<Item = &TaskRow> {
        self.outline.order.iter().filter_map(|id| self.rows.get(id))
    }

    /// Everything about one task that is not deleted.
    pub fn detail(&self, task: RecordId) -> Option<TaskDetail> {
        let row = self.rows.get(&task)?.clone();
        let imported = self.imported(task);
        let links = self.links_of.get(&task).into_iter().flatten();
        let successors = links
            .filter(|id| self.links.get(id).is_some_and(|l| l.pred == task))
            .filter_map(|id| self.tie(*id, |link| link.succ))
            .collect();
        Some(TaskDetail {
            row,
            notes: self.notes(task).to_owned(),
            wbs: imported.as_ref().map(|i| i.wbs.clone()).unwrap_or_default(),
            calendar: imported
                .as_ref()
                .map(|i| i.calendar.clone())
                .unwrap_or_default(),
            baselines: imported.as_ref().map_or(0, |i| i.baselines),
            uid: imported.map(|i| i.uid),
            successors,
            reports: self.reports(task),
        })
    }

    /// Tasks that are deleted, those whose parent is not among them first.
    pub fn deleted(&self) -> Vec<DeletedTask> {
        let gone = self.nodes.keys().filter(|t| !self.outline.is_shown(**t));
        let mut deleted: Vec<DeletedTask> = gone
            .map(|task| DeletedTask {
                id: *task,
                code: self.codes.shown(*task),
                name: self.name(*task).to_owned(),
                parent: self.outline.parent(*task),
            })
            .collect();
        let below_another = |d: &DeletedTask| d.parent.is_some_and(|p| !self.outline.is_shown(p));
        deleted.sort_by(|a, b| (below_another(a), &a.code).cmp(&(below_another(b), &b.code)));
        deleted
    }

    /// Tasks whose code is `text`, else those whose code or name holds it, letters in any case; in outline order.
    pub fn search(&self, text: &str) -> Vec<RecordId> {
        let text = text.trim();
        let mut found: Vec<RecordId> = self.codes.find(text);
        found.retain(|task| self.rows.contains_key(task));
        if !found.is_empty() || text.is_empty() {
            return found;
        }
        let wanted = text.to_lowercase();
        let holds = |t: &str| t.to_lowercase().contains(&wanted);
        let rows = self
            .rows()
            .filter(|row| holds(&row.code) || holds(&row.name));
        rows.map(|row| row.id).collect()
    }

    pub fn summary(&self) -> PlanSummary {
        let count = |kind: RowKind| self.rows.values().filter(|r| r.kind == kind).count();
        PlanSummary {
            tasks: self.rows.len(),
            summaries: count(RowKind::Summary),
            milestones: count(RowKind::Milestone),
            links: self.network.links,
            links_suspended: self.network.suspended.len(),
            conflicts: self.conflicts.len(),
            conflicts_open: self
                .conflicts()
                .filter(|c| c.severity > super::Severity::Info)
                .count(),
        }
    }

    pub(crate) fn is_task(&self, record: RecordId) -> bool {
        self.store.text(record, IS) == Some(IS_TASK)
    }

    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }

    pub(crate) fn build_row(&self, task: RecordId) -> Option<TaskRow> {
        let place = self.outline.place(task)?;
        let has_children = place.has_children();
        let kind = match self.kind(task) {
            _ if has_children => RowKind::Summary,
            TaskKind::Milestone => RowKind::Milestone,
            TaskKind::Task => RowKind::Task,
        };
        let imported = self.imported(task);
        let (imported_start, imported_finish) = match imported {
            Some(imported) => (imported.start, imported.finish),
            None => (None, None),
        };
        Some(TaskRow {
            id: task,
            code: self.codes.shown(task),
            number: place.number.clone(),
            depth: place.depth,
            parent: place.parent,
            has_children,
            kind,
            name: self.name(task).to_owned(),
            duration: self.duration(task).filter(|_| !has_children),
            percent: self.rollup.percent(place.at),
            percent_disputed: !has_children && !self.progress(task).disagreeing.is_empty(),
            mode: self.mode(task),
            manual: self.manual(task),
            imported_start,
            imported_finish,
            accountable: self.accountable(task).to_owned(),
            has_notes: !self.notes(task).is_empty(),
            predecessors: self.predecessors(task),
            conflict_fields: self.conflict_cells(task),
        })
    }

    fn predecessors(&self, task: RecordId) -> Vec<Predecessor> {
        let links = self.links_of.get(&task).into_iter().flatten();
        let mut found: Vec<Predecessor> = links
            .filter(|id| self.links.get(id).is_some_and(|l| l.succ == task))
            .filter_map(|id| self.tie(*id, |link| link.pred))
            .collect();
        found.sort_by(|a, b| {
            (a.code.len(), &a.code, a.link_type).cmp(&(b.code.len(), &b.code, b.link_type))
        });
        found
    }

    /// A dependency as seen from one of its ends; `None` while it does not stand.
    fn tie(
        &self,
        link_id: RecordId,
        other: impl Fn(&super::link::Link) -> RecordId,
    ) -> Option<Predecessor> {
        let link = self
            .links
            .get(&link_id)
            .filter(|l| l.is_shown(&self.outline))?;
        let task = other(link);
        Some(Predecessor {
            link: link_id,
            task,
            code: self.codes.shown(task),
            link_type: link.link_type,
            lag: link.lag.to_string(),
            suspended: self.network.suspended.contains_key(&link_id),
        })
    }

    fn conflict_cells(&self, task: RecordId) -> Vec<String> {
        let mut cells: Vec<String> = self
            .conflicts_of(task)
            .map(|c| c.kind.cell().to_owned())
            .collect();
        cells.sort();
        cells.dedup();
        cells
    }
}
