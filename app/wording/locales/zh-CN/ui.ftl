# 浏览器客户端。

close = 关闭
back = 返回
later = 以后再说
not-now = 暂不
copy = 复制链接
copied = 已复制
copy-refused = 浏览器不允许自动复制。文字已选中，请按 Ctrl+C 或用菜单复制。
reload = 重新加载
loading = 正在加载…
skip = 跳到正文
you = 您
you-mark = 您
somebody = 尚未识别的成员
member-of = { $member }（{ $party }）
list-separator = 、
list-and = { $first }和{ $last }

## Frame

nav-label = 项目页面
nav-plan = 计划
nav-merge = 合并待办
nav-members = 成员
nav-settings = 设置
all-ventures = 全部联营项目
opening = 正在打开项目…
not-open = 项目未能打开
merge-badge = { $count } 项合并待办
update-ready = 新版本已就绪。
update-now = 立即重新加载

## Start

start-claim =
    多家公司，一份计划，
    不依赖任何一方的服务器。
start-claim-more = 每位成员的设备上都有完整副本。离线可用，可各自或同时编辑；重新连接后，两半契约自然相合。
sees-title = 中继主机能看到什么，不能看到什么
sees-yes = 能看到
sees-no = 看不到
sees-addresses = 设备的网络地址
sees-times = 谁在什么时间在线
sees-sizes = 编辑的数量与填充后的大小
sees-structure = 联营方、成员和设备及其角色与权限，但不含名称
sees-codes = 每次编辑出自哪台设备
sees-not-plan = 任务、日期及计划的任何内容
sees-not-names = 项目、联营方和成员的名称
sees-not-files = 导入的文件
sees-not-keys = 密钥（只保存在成员设备上）
home-title = 本机上的联营项目
home-known = 打开一个，或新建一个。
home-empty = 目前还没有。您想如何开始？
home-ways = 加入其他项目的方式
way-create = 创建联营项目
way-create-more = 由您牵头，再邀请其他联营方。
way-invite = 打开邀请
way-invite-more = 有人给您发来了链接。
way-restore = 添加此设备
way-restore-more = 您已是成员：使用另一台设备的代码或恢复凭证。

## Create

create-title = 创建联营项目
create-more = 您所在的联营方为牵头人，其他联营方通过邀请加入。
create-venture = 项目名称
create-submit = 创建项目
create-busy = 正在联系中继…
field-needed = 此项必填。
party-name = 联营方
party-code = 代码
party-code-hint = 编号前缀
party-code-problem = 1 至 6 个字母或数字，以字母开头。
member-name = 您的姓名
relay-url = 中继
relay-url-hint = 转发加密编辑的服务器，可由任何一方提供。

## Invite

invite-title = 打开邀请
invite-more = 查看不会用掉邀请；只有按下方按钮才会加入。
invite-link = 邀请链接
invite-inspect = 查看邀请
invite-accept = 加入项目
invite-busy = 正在加入…
invite-host = 中继
invite-who = 邀请人
invite-who-unknown = 加入后显示（名称已加密）
invite-once = 邀请只能使用一次，并绑定使用它的设备。在有人与您比对核对词之前，您会显示为“未确认”。
invite-loopback = 该链接指向生成它的那台机器，在别处打开无法连接：请索取带有中继真实地址的链接。
invite-plaintext = 与该中继的连接未加密。编辑内容仍是加密的，但同一网络上的人能看到您在连接。
invite-known-open = 打开项目
in-app = 您正在 { $app } 的内置浏览器中。它与常用浏览器的数据互不相通，且可能被清除。建议从其菜单选择“在浏览器中打开”。
keep-here = 仍要将项目保存在此处
keep-here-app = 仍要将项目保存在 { $app } 中

## Restore

restore-title = 添加此设备
restore-more = 您已是某个项目的成员。请使用另一台设备的代码，或您的恢复凭证。
restore-pick = 选择恢复凭证文件
restore-submit = 还原
restore-busy = 正在还原…
passphrase = 口令
passphrase-optional = 口令（可选）
passphrase-hint = 用于加密该文件，遗失后无法找回。

## Screens that stop here

unfit-title = 合契无法在此处安全保存项目
unfit-insecure = 本页面通过未加密的 { $origin } 打开。此时浏览器拒绝保存和锁定数据，也无法离线工作。
unfit-remedy-tls = 请主机方以 https:// 提供中继（heqi-relay serve --tls-cert … --tls-key …，或置于带证书的代理之后）。
unfit-remedy-local = 在运行中继的机器上，请改为打开 { $url }。
unfit-remedy-tunnel = 或通过隧道访问，使其终点位于您自己的 localhost。
unfit-why = 没有保存任何数据。
unfit-missing = 此浏览器没有或已关闭 { $feature }。请使用最新版 Chrome、Edge、Firefox 或 Safari，并退出限制模式。
fatal-store-title = 本机存储出现故障
fatal-store = 编辑已无法保存，因此停止编辑。请重新加载后重试；如仍有问题，请从其他设备导出数据。
fatal-full-title = 本站点空间已满
fatal-full = 浏览器不再为本站点提供空间，编辑无法保存。请释放设备空间后重新加载。
fatal-newer-title = 另一个标签页打开了新版本
fatal-newer = 新版本已接管存储。请重新加载此标签页，以同一版本继续。
fatal-occupied-title = 合契已在另一个标签页中打开
fatal-occupied = 另一个标签页占用着存储，而此浏览器无法共享。请关闭该标签页，然后重新加载本页。
fatal-defect-title = 程序出现故障
fatal-defect = 已保存的内容仍在。请重新加载后继续。
fatal-typed = 您正在输入的以下内容尚未保存：
fatal-detail = 供报告使用

## Plan

toolbar = 编辑计划
add-task = 任务
new-task = 新建任务
undo = 撤销
redo = 重做
indent = 降级
outdent = 升级
move-up = 上移
move-down = 下移
delete-task = 删除
search = 搜索
import = 导入
export = 导出 CSV
plan-import = 导入 Microsoft Project XML 文件
export-csv = 将计划导出为 CSV
plan-empty = 计划为空
plan-empty-more = 输入第一个任务，或导入 Microsoft Project XML 文件，也可将文件拖放到此处。
plan-first-task = 第一个任务
plan-closed = 您的角色不可查看计划
plan-closed-readers = 可查看者
plan-closed-own = 您的角色
plan-closed-ask = 如需查看，请向本方合作经理{ $names }申请其中一个角色。
plan-closed-nobody = 查看计划需要其中一个角色。本方没有其他合作经理可以授予。
plan-closed-rest = 您的角色可读的其他内容照常可用。
read-only = 您的角色可以查看计划，但不能编辑。
column-outline = 序号
column-code = 编号
column-name = 任务
column-duration = 工期
column-start = 开始
column-finish = 完成
column-percent = 进度
column-predecessors = 前置任务
column-accountable = 负责人
branch-open = 展开
branch-close = 折叠
milestone = 里程碑
date-imported = 导入值
date-imported-short = 导入
date-imported-was = 导入值：{ $day }
tasks-count = { $count } 个任务
tasks-found = 共 { $count } 个任务，找到 { $found } 个
key-new = 新建任务
key-edit = 编辑
key-next = 下一格
key-indent = 降级
key-move = 移动
key-leave = 离开表格
task-deleted = 已连同下级一并删除，可撤销恢复。
typed-into-gone = 任务已被删除，以下内容未能保存：“{ $text }”
name-needed = 任务需要名称。
duration-problem = 工期的写法如 5d、1.5w、8h、3ed 或 5天。
percent-problem = 进度为 0 到 100 的数字。
date-problem = 日期的写法如 2026-03-31。
finish-before-start = 完成日期早于开始日期。
predecessor-unknown = “{ $piece }”不是任何任务。请写编号和类型，例如 A-T12SS+2d。

## Import

import-done = 导入完成
import-tasks = 任务
import-links = 依赖关系
import-calendars = 日历
import-baselines = 基线
import-dropped = 未导入的内容
import-whole = 计划能够容纳的内容已全部导入。
import-refused = 文件被拒绝，未作任何更改：{ $reason }
import-refused-line = 文件在第 { $line } 行被拒绝，未作任何更改：{ $reason }
import-too-big = 文件超过 { $megabytes } MB。
file-unreadable = 浏览器无法读取该文件

## Merge review

merge-more = 有冲突的修改。无需等待任何人：在有人决定之前，计划显示此处标出的暂定值。
merge-filter = 显示哪些项
merge-all = 全部
merge-open = 需处理
merge-empty = 没有待办
merge-empty-more = 修改发生冲突时会列在这里，并显示原值和各方的值。
severity-info = 提示
severity-attention = 需关注
severity-blocking = 阻塞
side-base = 原值
side-current = 当前显示
resolve-take = 采用此值
resolve-keep = 保留任务
resolve-delete = 删除任务
resolve-accept-placement = 留在原处
resolve-apply-move = 仍要移动
resolve-accept-code = 接受该编号
resolve-agree = 商定为 { $percent }%
resolve-remove-link = 移除 { $pred } → { $succ }

## Members

members-more = 各联营方及其成员。每个人都持有其角色可读内容的完整副本。
invite = 邀请
invite-dialog = 邀请成员
invite-party = 联营方
invite-party-new = 新的联营方
invite-create = 生成链接
invite-making = 正在生成链接…
invite-link-more = 请将此链接发给对方。链接只能使用一次，且只在此时显示。
invite-secret = 持有链接者即可加入。
invite-loopback-made = 中继地址是本机自身（localhost），在其他设备上该链接无法连接。请以中继的真实地址打开合契后再邀请。
invites-pending = 尚未使用的邀请
party-leader = 牵头人
party-mine = 本方
party-unnamed = 名称尚不可读
last-heard = 最近收到：{ $time }
unconfirmed = 未确认
unconfirmed-more = 在有人与其比对核对词之前，该名称背后可能是任何持有链接的人。
role-partner-manager = 合作经理
role-pmo = 项目管理办公室
role-finance = 财务
role-market = 市场
role-legal = 法务
role-viewer = 查看者

## Settings

settings-look = 语言与外观
settings-language = 语言
settings-theme = 外观
theme-system = 跟随系统
theme-light = 浅色
theme-dark = 深色
settings-recovery = 恢复凭证
recovery-more = 所有设备丢失时可凭此返回项目：一页可打印的凭证和一个文件。确认保管好新凭证后，之前的凭证失效。
recovery-first = 编辑之前，请先制作恢复凭证：浏览器数据被清除时，可凭此返回项目。
recovery-private = 这似乎是无痕窗口：关闭后数据全部消失。编辑之前请先制作恢复凭证。
recovery-save = 制作恢复凭证
recovery-making = 正在制作…
recovery-saved-at = 制作于 { $time }
recovery-never = 本机尚无已确认的凭证
download-refused = 浏览器拒绝了下载。
settings-storage = 浏览器存储
keeping-kept = 浏览器会一直保留这些数据，直到您删除。
keeping-best-effort = 空间不足时，浏览器可能清除这些数据。
keeping-private = 这似乎是无痕窗口：关闭时浏览器会清除全部数据。
keeping-unknown = 浏览器未说明是否保留这些数据。
keeping-ask = 请求浏览器保留
settings-venture = 本项目
settings-build = 版本
