# 命令行：成员、设备、密钥与章程。

## 已完成

cli-member-removed = { $name } 及其全部设备已移除，其他人已有新密钥。对方此前读到的内容可能已留存。
cli-roles-set = { $name } 的角色：{ $roles }。
cli-member-confirmed = 已确认：{ $name } 读出的核对词为 { $words }。
cli-confirm-question =
    请电话询问 { $name }，其 `heqi security` 显示的核对词，并逐一比对：
    { $words }
    是否一致？(y/N)
cli-device-code =
    在新设备上：heqi --home DIR device join { $code } --relay { $relay }
    或扫描上方的码，或打开链接：
    { $link }
    { $hours ->
       *[other] 可让一台设备加入，{ $hours } 小时内有效。持有者即成为您。
    }
cli-device-joined = 本机已成为您在“{ $venture }”中的设备，共 { $count } 个任务。
cli-device-revoked = { $name } 的设备 { $id } 已吊销，其他人已有新密钥。
cli-device-named = 设备 { $id } 现名为“{ $name }”。
cli-named = { $before } 现名为“{ $name }”。
cli-party-left = 本方已退出项目。此处已有的内容仍可阅读。
cli-party-removed = { $name } 已移出项目，其他人已有新密钥。
cli-party-repaired = 其他联营方现在可将 { $name } 的一名成员设为合作经理，或邀请一名。
cli-interests-set = 自 { $day } 起的参与权益已决定。
cli-access-set = “{ $space }”的权限已设定。
cli-rotated = 新密钥：{ $spaces }。
cli-generation-begun = “{ $space }”的下一代已开始，尚未送达的编辑会按新一代重新密封。
cli-document-deleted = “{ $space }”的文档已删除。
cli-generation = 第 { $number } 代
cli-envelopes = { $count } 个信封
cli-proposed = 已作为提议 { $id } 提交各方，各方同意后生效：`heqi proposal approve { $id }`。
cli-proposal = { $id }  { $what } 提议人：{ $who }。已同意：{ $agreed }。尚未表态：{ $waiting }。
cli-no-proposals = 没有提议。
cli-approved = 已同意：{ $what }
cli-declined = 已否决：{ $what }
cli-invite-revoked = { $id } 已收回，不能再用于加入。
cli-offer-device = { $id }  { $who }的设备代码
cli-offer-recovery = { $id }  { $who }的恢复凭证
cli-offer-recovery-made = { $id }  { $who }的恢复凭证，制作于 { $day }
cli-offer-recovery-unconfirmed = { $id }  { $who }的恢复凭证，制作于 { $day }，尚无人确认持有。若已保管好：`heqi recovery keep { $id }`；若没有：`heqi invite revoke { $id }`
cli-no-invites = 没有可用的邀请、代码或恢复凭证。
cli-recovery-words = 请按顺序抄下这些字，并记下中继地址 { $relay }。用它们可在空白设备上还原：`heqi --home DIR recovery use 字… --relay URL`。
cli-recovery-sealed = 打开文件需要口令，口令遗失后无法找回。上面的字不需要口令：请像保管钥匙一样保管。
cli-passphrase = 恢复凭证的口令：
cli-passphrase-new = 为文件设置口令：
cli-passphrase-again = 再次输入：
cli-recovery-secret = 持有恢复凭证者即成为您。恢复凭证可反复使用，直至被新的取代。
cli-recovery-keep = 此前的恢复凭证仍然有效。抄好这些字之后，请运行 `heqi recovery keep { $id }`，使本凭证取代它们。
cli-recovery-kept = 在此凭证之前制作的恢复凭证已不能再使用。
cli-recovery-kept-here = 已在本机记录。在通知中继之前，较早的恢复凭证仍可使用：请运行 `heqi sync`。
cli-charter-verified = 内容全部成立：{ $entries } 条记录均有签名、合规且经确认，{ $keys } 把密钥均与章程所载一致。请电话比对核对词：{ $words }
cli-key-unfit = “{ $space }”的一把密钥与章程所载不符。请合作经理运行 `heqi key rotate`。
cli-no-late = 没有迟到的编辑。
cli-late-take = 用 `heqi late take ID…` 接收。
cli-late-there = 有 { $count } 个来自已移除者的迟到信封：heqi late list
cli-late-exported = { $path } 中有 { $count } 项未发送的编辑。请发给合作经理，由其用 `heqi late take FILE` 接收。
cli-late-taken = 已接收，所有人现在都能看到这些编辑。
cli-alarms = ! 有 { $count } 台设备看到的历史与本机不同：`heqi security` 说明如何处理
cli-relay-moved =
    项目迁移到 { $relay }。旧中继仍可连接时成员自动跟随；对其他人，请发送此链接，其中没有秘密。
    heqi relay follow { $link }
cli-relay-followed = 项目已在 { $relay }，本设备已跟随。

## 已记下，待连接中继

cli-kept = 已记下，将在下次 `heqi sync` 时完成。
cli-kept-unavailable = 已记下。无法连接中继：{ $reason }。将在下次 `heqi sync` 时完成。

## 已移除

cli-removed = 您已被{ $who }移出“{ $venture }”（章程第 { $entry } 条：`heqi charter log`）。不再收发任何内容；此处已有的内容仍可阅读。
cli-left = 您已退出“{ $venture }”（章程第 { $entry } 条）。不再收发任何内容；此处已有的内容仍可阅读。
cli-removed-unsent =
    { $count ->
       *[other] 您有 { $count } 项编辑未发送：用 `heqi late export FILE` 保存，可由合作经理接收。
    }

## 未完成

cli-several = “{ $name }”可能指：{ $candidates }。请写“联营方:姓名”，或 id 的前几位。
cli-unknown-member = 没有成员“{ $name }”。`heqi member list` 列出全部。
cli-unknown-party = 没有联营方“{ $name }”。`heqi party list` 列出全部。
cli-unknown-device = 没有设备“{ $name }”。`heqi device list` 列出全部。
cli-unknown-invite = 没有待用的邀请、代码或恢复凭证“{ $name }”。`heqi invite list` 列出全部。
cli-unknown-proposal = 没有提议“{ $name }”。`heqi proposal list` 列出全部。
cli-unknown-late = 没有 id 为“{ $name }”的迟到信封，也没有该文件。`heqi late list` 列出全部。
cli-unknown-document = 没有您能读取的文档“{ $name }”。`heqi document list` 列出全部。
cli-code-shape = 代码为七组、每组四个字母或数字；恢复凭证为十二个字。请重新输入，或使用链接。
cli-code-checksum = 代码有误。请逐字核对。
cli-code-needs-relay = 代码或字词需要项目中继的地址：请加 --relay URL。链接和文件自带地址。
cli-unknown-code = 中继 { $relay } 不认识该代码。它可能已使用、收回或过期，或项目在其他中继上。
cli-code-refused = 该代码或恢复凭证已收回、用完，或属于其他项目。请在其他设备上重新生成，或向合作经理索取邀请。
cli-link-malformed = 链接已损坏或类型不符。请复制从 https:// 到末尾的完整链接。
cli-not-a-share = “{ $given }”不是“联营方=百分比”（最多两位小数）。
cli-not-whole = 份额合计 { $sum } %，应为 100 %。
cli-not-confirmed = 未确认。请先比对核对词；加 --yes 则不再询问。
cli-no-passphrase = 没有给出口令：请输入口令，或将其写入标准输入。
cli-passphrase-differs = 两次输入的口令不同。
cli-standard-input = 标准输入
cli-last-role = 成员至少需要一个角色。请用 `heqi member remove` 移除该成员，或先授予其他角色。
cli-may-not-read = 您的角色不允许读取。请联系本方的合作经理。
cli-unread = 您的角色（{ $own }）不可读“{ $space }”；可读者：{ $readers }。
cli-unread-private = “{ $space }”仅由其读者邀请或确认的成员可读。
cli-unread-ask = 请向本方的合作经理申请：{ $names }。
cli-unread-nobody = 本方没有其他合作经理可以申请。
cli-keys-missing = 本设备缺少所需的密钥。本方其他设备会在下次 `heqi sync` 时提供；之后请重试。
cli-no-late-edits = 文件中没有本项目已移除成员或无写入权成员的编辑。
cli-late-let-go =
    { $count ->
        [0] 没有可放弃的未发送编辑。
       *[other] 已放弃 { $count } 项未发送编辑。
    }
cli-unsent-barred = 有未发送的编辑位于您已不能写入之处。它们保留在本机：请用 heqi late export 保存，交由管理者纳入，再用 heqi late let-go 放弃。
cli-other-venture = 该链接属于其他项目。
cli-unavailable-moved = 项目已迁移到其他中继

## 权限与拒绝原因

cli-removed-mark = 已移除
cli-this-device = 本设备
cli-no-manager-mark = 无合作经理
cli-access-space = 空间
cli-access-read = 可读
cli-access-write = 可写
cli-access-private-note = 各方的专属空间只由本方自己邀请或确认的成员读写。
cli-refused-nothing = 无需更改：已是如此。
cli-refused-not-decided = 各方尚未就此作出决定。请先提议。
cli-refused-bad-proposal = 不能这样提议：已有相同提议，或无需他方同意。
cli-refused-interests = 参与权益须列出项目的每个联营方各一次，合计 100 %。
cli-refused-access-rule = 能写某空间者必须也能读。请把这些角色加入可读者。
cli-refused-spent = 该邀请、代码或恢复凭证已被使用、收回或从未生成。
cli-refused-gone = 对方已不在项目中。
cli-refused-other = 章程规则不允许：{ $detail }

## 供核对的内容

cli-security-member = 您的核对词，供他人确认您：{ $words }
cli-security-charter = 请电话核对。凡章程有 { $entries } 条记录者，读到的核对词相同：{ $words }
cli-security-logs = 已读内容的核对词；序号相同则核对词相同：
cli-security-keys = 中继密钥：{ $relay }。本设备：{ $device }。
cli-security-no-alarm = 没有设备声称看到了另一种历史。
cli-security-nobody = 本机不认识的人
cli-security-alarm-log = ! { $who }看到的编辑（至第 { $seq } 项）与您的不同（设备 { $device }）。中继或该设备不诚实：在查明之前，不要依据本项目达成任何约定。请拨打其已知号码：双方看到的最新编辑是否相同？上方序号相同则核对词相同。若有任何不同，请合作经理迁移项目，不会丢失内容：`heqi relay move URL`。若完全相同，请向其询问该设备。查明之后：`heqi security --dismiss { $device }`
cli-security-alarm-charter = ! { $who }看到了第 { $entry } 条之前的另一份章程（设备 { $device }）。中继或该设备不诚实：在查明之前，不要依据本项目达成任何约定。请拨打其已知号码，比对章程的核对词。若不一致，请合作经理迁移项目，不会丢失内容：`heqi relay move URL`。若一致，请向其询问该设备。查明之后：`heqi security --dismiss { $device }`
