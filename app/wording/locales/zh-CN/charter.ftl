# 以通俗语言表述的章程。浏览器客户端与命令行共用。

space-directory = 名录
space-plan = 计划
space-risk = 风险
space-contracts = 合同
space-finance = 财务
space-market = 市场
space-governance = 治理
space-private = { $party }的专属空间
nobody = 无人

rule-all = { $space }：{ $read }可读，{ $write }可写。
rule-party = { $space }（仅限{ $party }）：{ $read }可读，{ $write }可写。
rule-back = { $space }：恢复默认。
rule-back-party = { $space }（{ $party }）：与各方一致。

target-device = { $member }的设备 { $device }
target-party = 联营方{ $party }

proposal-interests = 自 { $from } 起的参与权益：{ $shares }。
proposal-remove = 移除{ $target }。所有密钥将更换；其已有的内容仍由其保留。
proposal-repair = { $party }没有合作经理，允许其他联营方为其邀请一名。

history-founded = { $party }的{ $member }创建了项目。
history-party-admitted = { $author }接纳了{ $party }。
history-invited = { $author }邀请他人加入{ $party }，角色：{ $roles }。
history-joined = { $member }通过邀请加入{ $party }。
history-device-offered = { $author }为新设备生成了代码。
history-kit-made = { $author }制作了恢复凭证。
history-device-added = { $member }添加了设备 { $device }。
history-withdrawn = { $author }撤回了邀请、设备代码或恢复凭证。
history-roles-set = { $author }将{ $member }的角色设为：{ $roles }。
history-removed = { $author }移除了{ $target }。
history-keys-given = { $author }分发了密钥。
history-complained = { $author }无法打开{ $space }的密钥，已请求更换。
history-confirmed = { $author }与{ $member }核对了口令词。
history-proposed = { $author }向各方提议：{ $what }
history-agreed = { $author }同意了一项提议。
history-declined = { $author }否决了一项提议。
history-access-set = { $author }更改了访问权限。{ $rules }
history-taken-in = { $author }接收了 { $count } 项迟到的编辑。
history-document-deleted = { $author }删除了一份文档。
history-generation = { $author }将一份文档重新开始。
history-relay-moved = { $author }将项目迁移到另一中继。
history-rotated = 已更换密钥：{ $spaces }。
