# What met what, in one plain sentence; fields and values as people know them.

conflict-field = { $who } gave { $field } different values without knowing of each other.
conflict-delete-edit = Deleted by { $deleter }, while { $editor } changed { $fields }. The task stands until somebody decides.
conflict-delete-edit-below = Deleted by { $deleter }, while { $editor } worked on { $tasks } below it. The task stands until somebody decides.
conflict-move-skipped = { $who } moved the task to { $wanted }. That was not applied, because { $other } moved { $because } at the same time and the task would have come to lie below itself.
conflict-link-suspended = The dependency { $pred } → { $succ } by { $who } would close a loop and does not count for now: { $tasks }.
conflict-code-collision = Two devices drew the code { $code } offline. { $keeper } keeps it, and this task shows { $shown }.
conflict-progress = { $current } counts; reported otherwise: { $others }.
progress-report = { $party } { $percent }% on { $date }
outline-top = the top of the outline
value-unset = not set
duration-minutes = { $amount }m
duration-hours = { $amount }h
duration-days = { $amount }d
duration-weeks = { $amount }w
duration-months = { $amount }mo
mode-auto = calculated
mode-manual = entered
kind-task = Task

field-name = the name
field-kind = the kind
field-parent = the place in the outline
field-duration = the duration
field-mode = the scheduling mode
field-manual = the dates
field-accountable = the accountable
field-notes = the notes
field-code = the code
field-lag = the lag
field-percent = the progress
field-predecessors = the predecessors
field-live = the deletion
