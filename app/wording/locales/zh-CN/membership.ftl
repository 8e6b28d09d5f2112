# 浏览器客户端中的联营方、成员、设备、权限、安全与恢复。

## Everywhere

cancel = 取消
remove = 移除…
revoke = 撤销
propose = 提交各方表决
approve = 同意
decline = 否决
refresh = 刷新
try-again = 重试
nav-access = 权限
nav-security = 安全
needs-everyone = 须经所有设有合作经理的联营方同意后才生效。
proposed-now = 已提交各方表决，同意后生效。
decided-now = 已决定，无需其他方同意。
space-private-of = { $party }的专属空间
space-of-party = { $space }（仅限{ $party }）
a-sentence = { $text }。

## Members

member-dialog = 成员
member-words = 该成员的核对词
compare-more = 该名称背后可能是任何持有邀请链接的人。请拨打您已知的号码，请对方在其“安全”页面读出核对词，六个词全部一致才可确认。
compare-same = 核对词一致
confirmed-now = 已确认。各方都能看到已核对。
roles = 角色
roles-save = 保存角色
roles-rotate = 不再可读的内容将更换密钥。
roles-set-now = 角色已更改。
devices-count = { $count } 台设备
one-manager = 本方只有一名合作经理。若其设备全部丢失，本方将无人能邀请或移除成员：请再授予一名成员合作经理角色。
kit-mark = 已有恢复凭证
never-heard = 尚未收到
interest-more = 参与权益
days-count = { $count } 天
invite-days = 链接有效期
invited-by = 由{ $name }邀请
expires-at = 有效至 { $time }
expired-at = 已于 { $time } 过期
expires-never = 撤销前一直有效
invite-revoke = 撤销此邀请？
revoke-dead = 链接立即失效。
revoked-now = 已撤销。
remove-member = 移除成员
remove-party = 移除该联营方？
remove-button = 移除
remove-propose = 提议移除
remove-votes = 由其他联营方表决，多数同意后执行。
remove-rotates = 其持有的密钥全部更换，此后写入的内容其无法读取。
remove-keeps = 其已有的内容仍由其保留，无法从其设备收回。
remove-late = 其尚未发送的编辑不计入，除非由合作经理接收。
leave-venture = 退出项目
leave-button = 退出
removed-now = 已移除，正在更换密钥。
device-revoke = 撤销此设备？
device-revoke-button = 撤销设备
device-stops = 该设备不能再发送或接收任何内容。
device-revoked-now = 设备已撤销，正在更换密钥。

## Participating interests and proposals

interests-propose = 参与权益…
interests-more = 各联营方在项目中所占的份额，合计为 100%。
interests-sum = 合计：{ $sum } / 100%
interests-numbers = 份额为数字，例如 33.34。
interests-from = 生效日期
proposals = 待各方表决
proposed-by = 由{ $name }提出
proposal-decided = 已通过，正在执行
vote-agrees = 同意
vote-declines = 否决
vote-open = 尚未答复
agreed-now = 本方已同意。
declined-now = 本方已否决。

## Access

access-more = 按角色列出谁能读、谁能写。设备只会收到其成员可读的内容。
access-change = 更改权限…
access-changed = 已更改
access-party = 适用于
access-narrow = 收窄权限
access-narrows = 仅收窄本方权限，无需他人同意，立即生效。
access-narrowed = 已收窄。不再可读的内容将更换密钥。
access-back = 恢复默认…
all-parties = 所有联营方
level-none = 无权限
level-read = 可读
level-write = 可写
role-short-partner-manager = 经理
role-short-pmo = 项目办
role-short-finance = 财务
role-short-market = 市场
role-short-legal = 法务
role-short-viewer = 查看

## Security

security-more = 无需相信主机方或其他联营方：可核对，可验证。
security-compare = 电话核对
security-compare-more = 请拨打已知号码，互相读出这些词。词相同，则成员、密钥与权限相同；条目数相同而词不同，请停止操作并查明原因。
words-charter = 章程（共 { $count } 条）
words-logs = 各空间已读取的内容
words-logs-more = 双方读取进度相同时，词才会一致。
log-to = 至第 { $seq } 条
verify = 验证
verify-now = 立即验证
verify-busy = 正在验证…
verify-more = 从第一条起重新推演章程，并检查本机所有内容的签名、权限与顺序。
verify-good = 全部无误：章程 { $entries } 条，文档 { $documents } 份，加密编辑 { $envelopes } 个。
verify-bad = 有内容不成立。请告知项目的合作经理，并与其他联营方核对。供报告使用：{ $reason }
security-relay = 中继
relay-key = 中继密钥
security-heard = 最近收到
security-heard-more = 若主机扣留编辑，会在此显现：如某方此后仍在工作，请与其核对。
history = 章程历史
history-more = 每一条都由作者签名，并指向前一条。包括主机在内，任何人都无法悄然更改或遗漏。
history-count = { $count } 条
history-all = 显示全部
late = 已移除成员的迟到编辑
late-count = { $count } 项待处理
late-more = 已移除成员做出但未发送的编辑。若其交来导出的文件，您可以让这些编辑计入。
late-take-in = 接收文件
taken-in-now = 已接收。
follow = 中继已迁移或已失效
follow-more = 若合作经理已迁移项目而原中继无法告知，请粘贴其链接。新中继须出示延续您现有章程且指名该中继的章程，才会被信任。
follow-link = 迁移链接
follow-button = 前往新中继
follow-now = 正在新中继处查找项目。
move = 迁移到另一中继
move-more = 作为合作经理，您可以将项目迁移到任一合契中继：本方的，或伙伴的。每台设备都会带去其已有内容，不会丢失。
move-url = 新中继的地址
move-url-hint = 须已可访问，例如 https://relay.example
move-dead = 原中继已无法访问
move-question = 迁移项目？
move-button = 迁移
move-busy = 正在迁移…
move-key = 新中继的密钥将写入章程，并由您签名。
move-follow = 原中继仍可访问期间，成员会自动跟随。请保持其运行，直到全部跟随。
move-keeps = 原中继无法告知者，您将得到一个链接发给他们。
move-takes-over = 新中继将从本设备接管项目。
move-send = 原中继已无法告知任何人：您将得到一个链接，请发给每位成员。
move-done = 项目已迁移。请将此链接发给原中继无法告知的成员，链接不含任何秘密。
moved-title = 项目已迁移
moved-more = 一名合作经理表示项目现位于另一中继。该中继须出示延续您现有章程且指名该中继的章程，才会被信任。
moved-elsewhere = 该项目不在此地址下：浏览器按您一直使用的地址保存项目。请在原地址打开合契（无需中继即可打开），在“安全”页面的“中继已迁移或已失效”处粘贴此链接。
alarm-notice = 本项目中有人看到的历史与您的不同。在查明之前，不要据此达成任何约定。
alarm-look = 查看如何处理
alarm-charter = { $who }自第 { $at } 条起看到了另一份章程。中继或该设备不诚实。
alarm-log = { $who }看到的编辑（至第 { $at } 条）与您的不同。中继或该设备不诚实。
alarm-stop = 在查明之前，不要依据本项目达成任何约定。
alarm-call-charter = 拨打该成员的已知号码，核对下方章程的词。
alarm-call-log = 拨打该成员的已知号码：双方看到的最新编辑是否相同？下方各空间的词，条数相同则词相同。
alarm-move = 若有任何不同，由合作经理将项目迁移到另一中继。每台设备都会带去其已有内容，不会丢失。证据保存在本机。
alarm-same = 若完全相同，请向该成员询问其设备：可能已损坏，或已不在其手中。
alarm-seen = 我已知悉
outside = 未显示的编辑
outside-more = 它们带有作者的签名，已在日志中，但不改变此处的任何内容。
outside-refused = { $who }的编辑 { $edit } 被所有设备拒绝，不计入任何内容（{ $detail }）。若不是您的编辑，请询问对方：其设备可能已损坏，或已不在其手中。
outside-forged = 中继所示日志中的编辑 { $edit } 没有任何人如此签署：中继不诚实。该编辑不计入任何内容。请与伙伴核对；合作经理可将项目迁移到另一中继，不会丢失内容。
outside-waiting = { $who }的编辑 { $edit } 正在等待尚未到达的更早编辑。若持续如此，请对方打开合契并联网。
outside-refused-by = { $who }有 { $count } 项编辑被所有设备拒绝，不计入任何内容。
outside-refused-nobody = 有 { $count } 项来源不明的编辑，不计入任何内容。
outside-refused-nobody-do = 这些编辑可能在传输途中或本浏览器中损坏，也可能由无权者放入。请点击下方的“立即验证”，并与其他联营方核对。
outside-refused-do = 请致电对方：其设备可能已损坏，或已落入他人之手。合作经理可在“成员”页面撤销该设备。
outside-forged-count = 中继所示日志中有 { $count } 项编辑没有任何人如此签署：中继不诚实。这些编辑不计入任何内容。
outside-forged-do = 请与伙伴核对；合作经理可将项目迁移到另一中继，不会丢失内容。
outside-waiting-by = { $who }有 { $count } 项编辑正在等待尚未到达的更早编辑。
outside-waiting-do = 暂时无需处理。若持续如此，请对方在当时使用的设备上打开合契并联网。

## Devices

devices = 设备
devices-words = 项目各方都能看到这些名称。同名设备以其密钥的两个词相互区分。
device-default = { $system } 上的 { $browser }
device-name = 设备名称
name-of-member = 成员姓名
rename = 改名
rename-hint = 项目各方都能看到。历史中保留原名称。
rename-save = 保存
named-now = 已改名。
device-add = 添加设备
device-making = 正在生成代码…
device-step-scan = 用另一台设备的相机扫描此码，
device-step-type = 或在该设备上打开本中继地址，选择“添加此设备”并输入代码。
device-qr = 添加设备的链接
code-left = 剩余有效时间 { $time }
code-over = 代码已过期，未添加任何设备。
code-again = 生成新代码
device-code-secret = 它以您的身份添加一台设备，请勿出示给他人。
device-added = 设备已添加，正在读取历史。
offer-kit = 恢复凭证
offer-code = 设备代码

## Recovery kit

kit = 恢复凭证
kit-shown-once = 请打印或保存文件。凭证只在此时显示。
kit-have-more = 在您确认已保管好此凭证之前，先前的凭证仍然有效。
kit-have = 我已打印或保存
kit-have-it = 已保管好
kit-kept = 现以此凭证为准，先前的凭证已不能再使用。
kit-unconfirmed-now = 您尚未确认保管好此凭证，因此先前的凭证仍然有效。“设置”中列有全部凭证。
kit-unconfirmed = 制作于 { $time }，尚未确认已保管好
kit-made-on = 在“{ $device }”上制作
kit-print = 打印
kit-save-again = 保存文件
kit-saved = 恢复凭证已保存，请存放在只有您能读取的地方。
kit-sealed = 文件需要口令才能打开；打印页不需要，请像钥匙一样保管。
kit-claim = 所有设备丢失时，凭此返回项目。
kit-date = 制作时间
kit-qr = 恢复凭证链接
kit-words = 十二个词，任选一种语言
kit-how = 使用方法
kit-how-open = 在任意设备的浏览器中打开中继地址，或扫描二维码。
kit-how-type = 选择“添加此设备”，输入十二个词。
kit-how-after = 之后请撤销已丢失的设备。
kit-warning = 持有此页者可以您的身份操作。其中不含编辑内容，编辑来自中继。确认保管好新凭证后，此凭证即失效。

## Lock

lock = 本机锁定
lock-on = 关闭时锁定
lock-off = 未锁定
lock-more = 加密本机上的密钥与内容。即使复制浏览器文件，没有您的口令或通行密钥也无法读取。起始页上的项目名称仍可见。
lock-lost = 口令遗失后无法找回。可用恢复凭证返回项目；届时尚未发送的编辑会丢失。
lock-now = 立即锁定
lock-wrong = 无法打开。
locked = 已锁定
locked-title = { $name }已锁定
locked-more = 项目已在本机锁定。解锁之前不发送也不接收任何内容。
locked-lost = 忘记口令？
locked-lost-way = 用恢复凭证或另一台设备返回项目
locked-mark = 已锁定
copy-notice = 本浏览器中仍有此项目的一份已锁定副本。
copy-remove = 移除已锁定的副本…
copy-question = 从本浏览器移除已锁定的副本？
copy-gone = 其密钥与内容将从本浏览器删除，无法恢复。
copy-sent = 据本浏览器的记录，其中的编辑均已发送。
copy-unsent = 其中有尚未发送的编辑。锁定时无法得知数量，这些编辑会随之丢失。
copy-other-stays = 本浏览器中的另一份副本保留。请在其设置中撤销旧设备。
copy-last = 项目不受影响。返回项目需要恢复凭证、您的另一台设备或新的邀请：请先确认至少有其一。
copy-remove-button = 移除
copy-removed = 已移除已锁定的副本。
unlock = 解锁
unlocking = 正在解锁…
unlock-passkey = 用通行密钥解锁
idle = 闲置时锁定
idle-never = 从不
idle-minutes = { $count } 分钟后
passphrase-new = 新口令
passphrase-again = 再次输入
passphrase-set = 用口令锁定
passphrase-change = 更改口令
passphrase-unset = 取消口令
passphrase-short = 至少 { $count } 个字符，最好是几个随机词。
passphrase-differs = 两次输入不同。
passkey = 通行密钥
passkey-more = 用本机的指纹、面容或 PIN 解锁。
passkey-none = 此浏览器无法以通行密钥保管秘密（WebAuthn PRF）。
passkey-add = 添加通行密钥
passkey-remove = 移除
passkey-refused = 浏览器未能提供通行密钥的秘密，未作任何更改。

## Adding this device

restore-add = 添加此设备
restore-by = 方式
restore-once = 代码只能使用一次；恢复凭证在您确认保管好新凭证之前一直有效。
restore-code = 代码、词或链接
restore-code-hint = 另一台设备显示的七组四位代码、恢复凭证的十二个词（中文或英文），或链接。
restore-relay-hint = 项目所在的中继。您打开的页面来自此处。
restore-or-file = 或使用恢复凭证文件：
code-malformed = 这不是代码、十二个词或链接。
code-checksum = 其中有误，请逐字核对。
code-unknown = 此中继没有这个代码：已过期、已使用，或属于另一中继。请检查地址。
code-spent = 该代码或凭证已用尽或被撤回。请在另一台设备上生成新代码，或使用最新的凭证。
code-expired = 代码已过期，请在另一台设备上重新生成。
charter-not-manager = 只有合作经理可以执行此操作。
charter-other-party = 该联营方有自己的合作经理，由其管理成员。
charter-keys-missing = 本机缺少所需密钥，须由本方另一台设备提供：请在那台设备上打开项目。
charter-no-late-edits = 其中没有此类编辑。
charter-too-many-edits = 未发送的编辑超过一个文件的容量。请让此设备联网，或手工抄录计划。
charter-edits-missing = 部分未发送的编辑已不在此设备的存储中。请再次导出，即可得到其余编辑的文件。
charter-other-venture = 该链接属于另一个项目。

## Removed

removed-title = 您已被移出此项目
removed-by = 由{ $who }执行，见章程第 { $entry } 条。本机于 { $time } 获知。
removed-reads = 本机已有的内容仍保留并可读取。
removed-stops = 不再发送或接收任何内容。
removed-nothing-unsent = 您的编辑均已送达。
removed-unsent = 您有 { $count } 项编辑未送达。请导出并交给合作经理，由其决定是否计入。
removed-read = 继续阅读
removed-bar = 您已被移出此项目。本机已有的内容仍可读取。
removed-details = 详情
removed-mistake = 如有误，可由本方合作经理重新邀请您。
export-late = 导出未发送的编辑
let-go = 放弃这些编辑…
let-go-question = 放弃未发送的编辑？
let-go-count = { $count } 项他人没有的编辑
let-go-view = 这些编辑将从本机的计划中消失，计划只显示他人已有的内容。
let-go-gone = 其他人都没有这些编辑：若未导出文件，将永久丢失。
let-go-save = 请先导出。合作经理以后可以接收该文件，届时即可计入。
let-go-button = 放弃编辑
let-go-now = 已放弃。计划显示他人已有的内容。
export-archive = 导出全部
