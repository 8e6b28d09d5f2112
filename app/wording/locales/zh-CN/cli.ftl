# 命令行。与浏览器客户端共用的文字在其他文件中。

## 已完成

cli-created = 项目“{ $venture }”已在中继上建立。用 `heqi invite` 邀请其他联营方，用 `heqi recovery make` 制作恢复凭证。
cli-joined = 您已加入“{ $venture }”，其计划已在本机：{ $count } 个任务。
cli-recovered = “{ $venture }”已还原，共 { $count } 个任务。
cli-begun-offline = 已开始并保存在本机，`heqi sync` 将继续。
cli-deleted = 已删除 { $count } 个任务及其全部下级。`heqi task restore CODE` 可恢复。
cli-unchanged = 无需更改：已是如此。
cli-resolved = 已决定：{ $task }。合并待办剩余：{ $count }。
cli-imported = “{ $name }”：{ $tasks } 个任务、{ $links } 条依赖、{ $calendars } 个日历、{ $baselines } 个基线。
cli-exported-csv = 已将 { $count } 个任务写入 { $path }。
cli-exported = 已导出到 { $path }：文档及 { $count } 个签名信封。
cli-verified = 章程与日志由成员和中继的签名证明成立：{ $entries } 条章程记录、{ $documents } 份文档的 { $envelopes } 个信封，其中 { $acknowledged } 个已由中继确认。
cli-verified-export = 自成员 { $member } 于 { $day }（UTC）用设备 { $device } 导出以来，没有文件缺失、增加或被改动。日志是密封的：文档内容与日志一致，仅由该成员担保。
cli-verified-removed = 该设备已被移出联营项目。
cli-recovery-saved = 另存于 { $path }。请存放在只有您能读取之处。
cli-plan-empty = 计划为空。用 `heqi task add NAME` 添加任务，用 `heqi plan import FILE.xml` 导入 Microsoft Project 文件。
cli-conflicts-open = ! 合并待办 { $count } 项：heqi conflicts
cli-see-conflicts = 用 `heqi conflicts` 查看。
cli-decide = {"   "}→ { $ways }
cli-members = { $count } 名成员
cli-member = 成员
cli-home = 数据目录
cli-edits = 编辑
cli-not-ready = 尚未加入；`heqi sync` 将继续
cli-reading = 正在读取…
cli-writing = 正在写入…
cli-relay-restored = 中继已从备份恢复。丢失的内容由各副本补回。

## 已存本机，尚未确认

cli-saved-offline =
    { $count ->
        [0] 离线，没有待发送的编辑。
       *[other] 已存本机，尚未确认：{ $count } 项编辑将在下次 `heqi sync` 时发送。
    }
cli-saved-unavailable =
    { $count ->
        [0] 无法连接中继：{ $reason }。没有待发送的编辑；新内容将在下次 `heqi sync` 时读取。
       *[other] 已存本机，尚未确认：{ $count } 项编辑将在下次 `heqi sync` 时发送。无法连接中继：{ $reason }
    }
cli-saved-stopped =
    { $count ->
        [0] 与中继的交换已停止：{ $reason }
       *[other] 已存本机，尚未确认：{ $count } 项编辑。{ $reason }
    }
cli-silent = { $seconds } 秒内没有回应

## 未完成

cli-language = 没有“{ $tag }”的文字。请选择 en 或 zh-CN。
cli-unknown-task = 没有编号为“{ $code }”的任务。`heqi plan list` 显示全部编号。
cli-unknown-deleted = 没有编号为“{ $code }”的已删除任务。不带编号的 `heqi task restore` 列出它们。
cli-not-a-field = “{ $given }”不是 FIELD=VALUE。`heqi task set --help` 列出字段。
cli-bad-value = “{ $value }”不适用于 { $field }。`heqi task set --help` 说明可用的值。
cli-twice = { $field } 出现两次。每个字段只给一次。
cli-unknown-item = 合并待办中没有“{ $item }”，或有多项以此开头。`heqi conflicts` 列出各项。
cli-no-side = 该项没有第 { $side } 方。`heqi conflicts` 显示可选方案。
cli-no-link = { $succ } 没有这样依赖 { $pred }。`heqi plan list` 显示前置任务。
cli-several-links = { $succ } 以多种方式依赖 { $pred }。请用 --type 指明。
cli-file-exists = { $path } 已存在。请换一个名称，或先移除它。
cli-folder-not-empty = { $path } 不是空目录。请选择新目录。
cli-no-home = 本系统没有数据目录。请用 --home DIR 指定。
cli-needs-relay = 此操作需要中继。请去掉 --offline。
cli-read = 无法读取 { $path }：{ $cause }
cli-write = 无法写入 { $path }：{ $cause }
cli-import-refused = 文件在第 { $line } 行第 { $column } 列被拒绝，未作任何更改：{ $reason }
cli-needs-confirmation = 该文件没有自己的标识，将被视为以任务“{ $task }”开头的计划“{ $name }”：凡导入标题、日期和首个任务相同的文件者，得到相同的任务。确认无误请加 --yes。
cli-dialer = 无法设置 TLS：{ $detail }
cli-unreachable = 无法连接中继：{ $reason }。未作任何更改。请检查地址 { $relay } 和网络后重试。
cli-too-often = 本网络向中继 { $relay } 查询代码过于频繁。未作任何更改。请稍候再试。
cli-unfinished = 曾连上中继 { $relay }，随后中断：{ $reason }。已开始的内容已保存，`heqi sync` 将继续。
cli-invalid = 导出内容不成立：{ $detail }
cli-entropy = 本系统不提供随机数，无法生成密钥：{ $detail }
cli-home-absent = { $home } 中没有项目。用 `heqi venture create` 创建，用 `heqi join LINK` 加入，或用 --home DIR 指定其他目录。
cli-home-empty = 这里没有项目。用 `heqi venture create` 创建，或用 `heqi join LINK` 加入。
cli-home-present = { $home } 已有项目。请用 --home DIR 指定其他目录；若尚未完成，`heqi sync` 将继续。
cli-home-occupied = 另一个 heqi 正在使用 { $home }。请等待其结束，或将其结束。
cli-home-damaged = 本机存储已损坏：{ $detail }
cli-newer = 由更新版本的合契生成。请先更新。
cli-newer-venture = 该项目使用更新版本的合契。请更新后再次运行 `heqi sync`。
cli-version = 中继与本程序没有共同的协议版本。请更新较旧的一方。
cli-refused = 中继称此设备：{ $detail }。不再发送任何内容。
cli-keys = 邀请中的密钥无法打开。请索取新的邀请。
cli-envelope-missing = 本机存储缺少部分日志。请从其他设备导出，或用恢复凭证还原。
cli-nack = 中继未接受一项编辑：{ $detail }。该编辑仍保存在本机。
cli-nack-forbidden = 您的角色不再允许更改计划。该编辑仍保存在本机；请联系本方的合作经理。
cli-nack-quota = 项目在该中继上的配额已用完。该编辑仍保存在本机；请联系中继的主机方。
cli-amend = 中继未接受：{ $detail }
cli-unavailable-draining = 中继正在关闭
cli-unavailable-storage = 中继无法写入磁盘
cli-unavailable-busy = 中继连接过多
cli-unavailable-unknown = 中继不认识该项目
cli-may-not-write = 您的角色不允许更改计划。请联系本方的合作经理。
cli-not-manager = 只有合作经理可以这样做。请联系本方的合作经理。
cli-other-party = 该联营方有自己的合作经理，由其管理本方人员。
cli-code-missing = 联营方“{ $party }”不在项目中。请用 --code 给出代码以接纳它。
cli-bad-name = { $what }：为空或含有不允许的字符。
cli-no-role = 请用 --role 至少指定一个角色。
cli-not-yet-member = 项目尚未建立或加入。`heqi sync` 将继续。
