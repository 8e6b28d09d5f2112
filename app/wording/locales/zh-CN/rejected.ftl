# 编辑被拒绝的原因。标识与参数同 heqi-domain 的 `Rejected`。

rejected-unknown-task = 该任务已不存在。
rejected-unknown-link = 该依赖关系已不存在。
rejected-unknown-conflict = 该合并待办已处理。
rejected-choice-does-not-fit = 该选择不适用于此合并待办。
rejected-empty-name = 需要名称，最多 { $limit } 个字符。
rejected-too-long = { $field }过长：最多 { $limit }。
rejected-invalid-value = “{ $given }”不是有效的{ $field }。
rejected-not-for-summary = 摘要任务没有自己的{ $field }，由下级任务得出。
rejected-below-itself = 任务不能移到自身之下。
rejected-link-to-itself = 任务不能依赖自身。
rejected-would-close-loop = 该依赖关系会使 { $tasks } 个任务形成循环。
rejected-nowhere-to-move = 任务不能再向该方向移动。
rejected-too-deep = 大纲最多 { $limit } 级。
rejected-too-many-tasks = 计划最多 { $limit } 个任务。
rejected-invalid-party-code = “{ $code }”不是可填报进度的联营方代码。
rejected-nothing-to-undo = 没有可撤销的操作。
rejected-changed-since = { $field }之后已被{ $by }更改。
