# 用通俗文字表述的章程：历史、提议与权限。浏览器客户端与命令行共用。

## 空间与标记

space-directory = 名称
space-plan = 计划
space-risk = 风险
space-contracts = 合同
space-finance = 财务
space-market = 市场
space-governance = 治理
space-private = 本方专属空间
role-none = 无人
removed-mark = 已移除
this-device = 本设备
no-manager-mark = 无合作经理

## 每条记录一句

event-founded = { $who }以联营方“{ $party }”建立了项目。
event-party-admitted = { $who }接纳了联营方“{ $party }”。
event-invited = { $who }邀请一人加入“{ $party }”，角色：{ $roles }。
event-joined = { $who }通过邀请加入。
event-device-offered = { $who }为新增设备生成了代码。
event-recovery-offered = { $who }制作了恢复凭证。
event-device-added = { $who }添加了设备 { $device }。
event-withdrawn = { $who }收回了一项邀请、代码或恢复凭证。
event-roles-set = { $who }将{ $member }的角色设为：{ $roles }。
event-removed = { $who }移除了{ $target }。
event-keys-given = { $who }把密钥交给了应得者。
event-complained = { $who }无法打开“{ $space }”的一把密钥。
event-confirmed = { $who }与{ $member }比对了核对词。
event-proposed = { $who }提议：{ $what }
event-agreed = { $who }同意提议 { $id }。
event-declined = { $who }否决提议 { $id }。
event-access-set = { $who }设定了权限。{ $rules }
event-taken-in = { $who }接收了 { $count } 个迟到的信封。
event-document-deleted = { $who }删除了一份文档。
event-generation-begun = { $who }重新开始了一份文档。
event-relay-moved = { $who }将项目迁移到密钥为 { $relay } 的中继。
event-named = { $who }将{ $target }命名为“{ $name }”。
event-named-unread = { $who }给{ $target }改了名，本设备无法读取新名称。
event-rotated = 新密钥：{ $spaces }。

## 提议

action-interests = 自 { $day } 起，参与权益为：{ $shares }。
action-access = 设定权限。{ $rules }
action-remove = 移除{ $target }。
action-repair = 其他联营方可将“{ $party }”的一名成员设为合作经理，或邀请一名。
target-party = 联营方“{ $party }”
target-device = { $member }的设备 { $device }
access-rule = { $space }：可读 { $read }，可写 { $write }
access-rule-default = { $space }：恢复默认
access-space = 空间
access-read = 可读
access-write = 可写
access-private-note = 各方的专属空间只由本方自己邀请或确认的成员读写。

## 记录被拒绝的原因

refused-other-member = 只有该设备的成员本人可以这样做。
refused-nothing = 无需更改：已是如此。
refused-not-decided = 各方尚未就此作出决定。请先提议。
refused-bad-proposal = 不能这样提议：已有相同提议，或无需他方同意。
refused-interests = 参与权益须列出项目的每个联营方各一次，合计 100 %。
refused-access-rule = 能写某空间者必须也能读。请把这些角色加入可读者。
refused-spent = 该邀请、代码或恢复凭证已被使用、收回或从未生成。
refused-gone = 对方已不在项目中。
refused-full = 章程中此类条目已达上限。请先移除或收回不再需要的，或分几步进行。
refused-other = 章程规则不允许。供报告使用：{ $detail }
