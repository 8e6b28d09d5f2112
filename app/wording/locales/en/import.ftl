# Why a project file is refused, and what of one is not taken over. The ids and arguments of the first are
# those of `MspdiError` in heqi-domain; the others are the keys of its import report.

mspdi-too-large = The file has { $bytes } bytes; at most { $max } are read.
mspdi-empty = The file is empty.
mspdi-binary-project = This is a Microsoft Project binary file (.mpp). Open it in Microsoft Project, choose File, Save As, “XML Format (*.xml)”, and import that file.
mspdi-not-xml = This is no XML file. Open the plan in Microsoft Project, choose File, Save As, “XML Format (*.xml)”, and import that file.
mspdi-wrong-root = This is XML, but not of Microsoft Project: its root is <{ $root }> in namespace “{ $namespace }”.
mspdi-encoding = The file declares the encoding “{ $declared }”; only UTF-8 and UTF-16 are read. Save it again from Microsoft Project.
mspdi-bad-bytes = The bytes are no valid { $encoding }.
mspdi-bad-character = The character { $code } is not allowed in XML.
mspdi-doctype = It declares a document type or an entity, which Microsoft Project never writes.
mspdi-entity = The entity “&{ $name };” is not defined.
mspdi-syntax = The XML is broken: { $detail }
mspdi-unclosed = The file ends inside an element that was not closed.
mspdi-not-a-value = The element <{ $field }> contains <{ $found }> where a value belongs.
mspdi-too-deep = Elements are nested deeper than { $max }.
mspdi-too-many-tasks = There are more than { $max } tasks.
mspdi-too-many-links = There are more than { $max } links.
mspdi-too-many-calendars = There are more than { $max } calendars.
mspdi-text-too-long = The text of <{ $field }> is longer than { $max } bytes.
mspdi-invalid-number = <{ $field }> is “{ $value }”, which is no number that fits here.
mspdi-invalid-flag = <{ $field }> is “{ $value }”, which is neither 0 nor 1.
mspdi-invalid-date = <{ $field }> is “{ $value }”, which is no date and time such as 2026-03-31T08:00:00.
mspdi-invalid-duration = <{ $field }> is “{ $value }”, which is no duration such as PT8H0M0S.
mspdi-invalid-code = <{ $field }> is “{ $value }”, which is no code of this field.
mspdi-invalid-guid = <{ $field }> is “{ $value }”, which is no GUID.
mspdi-missing = <{ $field }> is missing in <{ $element }>.
mspdi-repeated = <{ $field }> stands twice in one element.
mspdi-duplicate-uid = Two tasks have the UID { $uid }.
mspdi-outline-too-deep = The outline is deeper than { $max } levels.

dropped-assignment = Assignments
dropped-assignment-timephased = Assignments by period
dropped-calendar-exception = Calendar exceptions
dropped-calendar-work-week = Calendar work weeks
dropped-calendar-working-time = Calendar working times
dropped-link-lag-seconds = Seconds of lags
dropped-link-left-out-task = Links to tasks left out
dropped-link-other-project = Links to other projects
dropped-link-repeated = Repeated links
dropped-link-to-itself = Links of a task to itself
dropped-link-unknown-task = Links to unknown tasks
dropped-project-custom-field = Custom fields of the project
dropped-project-macro = Macros
dropped-project-outline-code = Outline codes of the project
dropped-project-property = Project properties
dropped-project-view = Views
dropped-project-wbs-mask = WBS masks
dropped-project-working-time = Working times of the project
dropped-resource = Resources
dropped-task-actual-dates = Actual dates
dropped-task-baseline = Baseline values
dropped-task-blank-row = Blank rows
dropped-task-calendar-cut = Calendar names that were cut
dropped-task-constraint = Constraints
dropped-task-contact = Contacts
dropped-task-cost = Costs
dropped-task-custom-field = Custom fields of tasks
dropped-task-deadline = Deadlines
dropped-task-display = Display settings
dropped-task-duration-seconds = Seconds of durations
dropped-task-earned-value-method = Earned value methods
dropped-task-external = External tasks
dropped-task-free-text-dates = Dates in free text
dropped-task-hyperlink = Hyperlinks
dropped-task-ignores-resource-calendar = “Ignores resource calendars” marks
dropped-task-inactive = Inactive tasks
dropped-task-levelling-delay = Levelling delays
dropped-task-name-cut = Names that were cut
dropped-task-notes-cut = Notes that were cut
dropped-task-outline-code = Outline codes of tasks
dropped-task-outline-jump = Jumps of the outline, repaired
dropped-task-physical-percent = Physical percent complete
dropped-task-priority = Priorities
dropped-task-project-summary = Project summary rows
dropped-task-project-summary-baseline = Baselines of the project summary
dropped-task-project-summary-notes = Notes of the project summary
dropped-task-recurring = Recurring tasks
dropped-task-subproject = Subprojects
dropped-task-timephased = Tasks by period
dropped-task-type = Task types
dropped-task-unknown-calendar = Unknown task calendars
dropped-task-unknown-field = Unknown fields of tasks
dropped-task-wbs-cut = WBS codes that were cut
dropped-task-work = Work values

# What an import did to the plan.

import-in-plan = In the plan
import-unchanged = Nothing in the plan was changed.
import-created = New tasks
import-updated = Changed tasks
import-removed = Tasks deleted, for the file no longer has them
import-links-created = New dependencies
import-links-removed = Dependencies removed, for the file no longer has them
import-links-dropped = Dependencies that do not fit the plan
import-kept = Left as people had it
import-kept-more =
    { $count ->
        [one] … and { $count } more.
       *[other] … and { $count } more.
    }
import-kept-changed = Changed here: { $field }. The file’s value was not taken.
import-kept-deleted = Deleted here, and stays deleted.
import-kept-link-deleted = A dependency of it was removed here, and stays removed.
import-kept-left = No longer in the file. It stays, for somebody worked on it or below it.
import-kept-link-left = A dependency of it is no longer in the file. It stays, for somebody changed it.
