//! Dependencies are made, changed and removed.

use super::Edit;
use super::fields::invalid;
use crate::plan::Rejected;
use crate::plan::field::{IS, IS_LINK, LAG, PRED, SUCC, TYPE, composite_value, reference_value};
use crate::plan::link::{Link, link_id};
use crate::plan::task::LinkType;
use crate::quantity::Lag;
use crate::record::{RecordId, Value};

impl Edit<'_, '_, '_> {
    pub(crate) fn add_link(
        &mut self,
        pred: RecordId,
        succ: RecordId,
        link_type: LinkType,
        lag: Lag,
    ) -> Result<(), Rejected> {
        let (pred, succ) = (self.shown(pred)?, self.shown(succ)?);
        if pred == succ {
            return Err(Rejected::LinkToItself { task: succ });
        }
        let id = link_id(pred, succ, link_type);
        if self.standing(id).is_ok() {
            return self.put_lag(id, lag);
        }
        let plan = self.plan;
        if let Some(found) = plan
            .network
            .loop_closed_by(&plan.outline, pred, succ, link_type)
        {
            return Err(Rejected::WouldCloseLoop { tasks: found.tasks });
        }
        self.put(id, IS, Value::text(IS_LINK));
        self.put(id, PRED, reference_value(Some(pred)));
        self.put(id, SUCC, reference_value(Some(succ)));
        self.put(id, TYPE, Value::text(link_type.as_str()));
        self.put_lag(id, lag)?;
        // Both ends are edited by it: a delete made meanwhile must not take the new dependency along unseen.
        [id, pred, succ].into_iter().for_each(|r| self.touch(r));
        Ok(())
    }

    pub(crate) fn set_link(
        &mut self,
        link: RecordId,
        link_type: LinkType,
        lag: Lag,
    ) -> Result<(), Rejected> {
        let Link {
            pred,
            succ,
            link_type: old_type,
            ..
        } = *self.standing(link)?;
        if link_type == old_type {
            return self.put_lag(link, lag);
        }
        self.add_link(pred, succ, link_type, lag)?;
        self.delete(link);
        Ok(())
    }

    pub(crate) fn remove_link(&mut self, link: RecordId) -> Result<(), Rejected> {
        self.standing(link)?;
        self.delete(link);
        Ok(())
    }

    fn put_lag(&mut self, link: RecordId, lag: Lag) -> Result<(), Rejected> {
        let lag = lag
            .valid()
            .ok_or_else(|| invalid(LAG, format!("{lag:?}")))?;
        self.put_fact(link, LAG, composite_value(&lag));
        Ok(())
    }

    fn standing(&self, link: RecordId) -> Result<&Link, Rejected> {
        let found = self.plan.links.get(&link);
        found
            .filter(|l| l.is_shown(&self.plan.outline))
            .ok_or(Rejected::UnknownLink { link })
    }
}
