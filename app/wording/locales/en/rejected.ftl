# Why an edit is refused. The ids and arguments are those of `Rejected` in heqi-domain.

rejected-unknown-task = This task is no longer there.
rejected-unknown-link = This dependency is no longer there.
rejected-unknown-conflict = This item of the merge review is settled already.
rejected-choice-does-not-fit = This choice does not fit the item of the merge review.
rejected-empty-name = A name is needed, of at most { $limit } characters.
rejected-too-long = { $field } is too long: at most { $limit }.
rejected-invalid-value = “{ $given }” is no valid { $field }.
rejected-not-for-summary = A summary has no { $field } of its own: it follows from the tasks below it.
rejected-below-itself = A task cannot be moved below itself.
rejected-link-to-itself = A task cannot depend on itself.
rejected-would-close-loop = This dependency would close a loop of { $tasks } tasks.
rejected-nowhere-to-move = The task cannot be moved any further that way.
rejected-too-deep = The outline has at most { $limit } levels.
rejected-too-many-tasks = A plan has at most { $limit } tasks.
rejected-invalid-party-code = “{ $code }” is no party code that can report progress.
rejected-nothing-to-undo = There is nothing to take back.
rejected-changed-since = { $field } was changed since by { $by }.
