//! Microsoft Project's XML (MSPDI), read into an [`ImportedPlan`](crate::import::ImportedPlan).
