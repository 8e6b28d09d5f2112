# Why an edit is refused. The ids and arguments are those of `Rejected` in heqi-domain.

rejected-unknown-task = This task is no longer there.
rejected-unknown-link = This dependency is no longer there.
rejected-unknown-conflict = This item of the merge review is settled already.
rejected-choice-does-not-fit = This choice does not fit the item of the merge review.
rejected-empty-name = A name is needed, of at most { $limit } characters.
rejected-too-long = Too long for { $field }: at most { $limit }.
rejected-invalid-value = “{ $given }” does not fit { $field }.
rejected-not-for-summary = On a summary, { $field } cannot be entered: what it shows follows from the tasks below it.
rejected-below-itself = A task cannot be moved below itself.
rejected-link-to-itself = A task cannot depend on itself.
rejected-would-close-loop = This dependency would close a loop of { $tasks } tasks.
rejected-nowhere-to-move = The task cannot be moved any further that way.
rejected-too-deep = The outline has at most { $limit } levels.
rejected-too-many-tasks = A plan has at most { $limit } tasks.
rejected-invalid-party-code = “{ $code }” is no party code that can report progress.
rejected-nothing-to-undo = There is nothing to take back.
rejected-changed-since = Meanwhile { $by } changed { $field }.
