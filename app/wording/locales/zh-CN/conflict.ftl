# 哪些更改相互冲突，用一句话说明。

conflict-field = { $who }在互不知情的情况下给{ $field }填了不同的值。
conflict-delete-edit = 被{ $deleter }删除，同时{ $editor }更改了{ $fields }。在有人决定之前，任务保留。
conflict-delete-edit-below = 被{ $deleter }删除，同时{ $editor }编辑了其下级 { $tasks }。在有人决定之前，任务保留。
conflict-move-skipped = { $who }将任务移至{ $wanted }，但未生效：{ $other }同时移动了 { $because }，否则任务会落到自身之下。
conflict-link-suspended = { $who }建立的依赖 { $pred } → { $succ } 会形成循环，暂不计入：{ $tasks }。
conflict-code-collision = 两台设备离线时取用了同一编号 { $code }。{ $keeper } 保留该编号，本任务显示为 { $shown }。
conflict-progress = 以 { $current } 为准；另有填报：{ $others }。
progress-report = { $party }（{ $date }）{ $percent }%
outline-top = 大纲顶层
value-unset = 未设置
duration-minutes = { $amount }分钟
duration-hours = { $amount }小时
duration-days = { $amount }天
duration-weeks = { $amount }周
duration-months = { $amount }月
mode-auto = 自动计算
mode-manual = 手动填写
kind-task = 任务

field-name = 名称
field-kind = 类型
field-parent = 大纲位置
field-duration = 工期
field-mode = 排程方式
field-manual = 日期
field-accountable = 负责人
field-notes = 备注
field-code = 编号
field-lag = 延隔时间
field-percent = 进度
field-predecessors = 前置任务
field-live = 删除
