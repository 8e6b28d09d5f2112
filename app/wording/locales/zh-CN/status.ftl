# 编辑所处的状态，以及未能完成的原因。浏览器客户端与命令行共用。

sync-closed = 未打开项目
sync-saving = 正在保存到本机…
sync-all-acknowledged = 全部编辑已确认
sync-waiting = 已存本机，{ $count } 项待发送
sync-offline = 离线，可继续工作
sync-connecting = 正在连接…
sync-catching-up = 正在读取 { $done } / { $total }
sync-live = 已连接
sync-sending = 正在发送…
sync-removed = 您已被移出
sync-stopped = 同步已停止
sync-retry = 点击立即重试连接
digest-merged = 已合并 { $merged } 项更改。
digest-met = 您的 { $met } 项更改与他人的更改冲突。
digest-review = 查看
quarantined = 有 { $count } 个信封无效，已隔离；所有副本都会同样隔离。
relay-restored = 中继已从备份恢复（{ $time }）。丢失的内容已由各副本补回。
stage-reading = 正在读取文件…
stage-applying = 正在并入计划…
stage-saving = 正在保存到本机…

relay-unknown-key = 中继出示的密钥不在项目章程中，因此不向其发送任何内容。请向项目的合作经理确认中继是否已迁移。
relay-forked = 中继与其先前确认的内容相矛盾，同步已停止。请告知项目的合作经理，由其迁移中继。证据：{ $detail }
relay-not-admitted = 中继不认识该项目或此设备。
relay-removed = 此设备已被移出项目。未发送的编辑仍保存在此，可以导出。
relay-unadmitted = 中继曾被还原，丢失了接纳此设备的条目。请向邀请您的人索取新的邀请。您写下的内容仍保存在此设备上。
relay-brought = 中继不接受您纳入的已移除成员的编辑。请从文件重新纳入，或不再理会。
relay-withheld = 中继提到了他人的编辑，再次索取后仍未给出。若持续如此，请与伙伴核对；合作经理可以迁移中继。
relay-older-keys = 有人更换的密钥打不开此前写下的内容。任何仍能阅读这些内容的设备联网后会重新给出旧密钥：请让一位伙伴打开合契。
relay-charter-behind = 中继的日志提到了一条它尚未出示的章程条目，其后的内容需等待。若持续如此，请与伙伴核对：合作经理可以更换密钥，或迁移中继。
relay-version = 中继使用其他协议版本。请重新加载页面，或请主机方更新。
relay-limit = 已达到中继的限制：{ $detail }
relay-misbehaved = 中继违反协议，连接已关闭：{ $detail }

failure-offline = 此操作需要中继，但无法连接。请检查地址和网络后重试。
failure-relay-url = 这不是中继地址。写法如 https://relay.example 或 http://localhost:8787。
failure-forbidden = 您的角色不允许此操作。
failure-no-venture = 本机上没有该项目。
failure-nothing-to-undo = 没有可撤销的操作。
failure-store = 本机存储出现故障，未作任何更改：{ $detail }
failure-defect = 程序出现故障。供报告使用：{ $detail }

invite-malformed = 这不是邀请链接。请复制从 https:// 到末尾的完整链接。
invite-newer = 该邀请由更新的版本生成。请重新加载以更新，然后再次打开。
invite-used = 该邀请已被使用，请索取新的邀请。
invite-expired = 该邀请已过期，请索取新的邀请。
invite-revoked = 该邀请已被撤回，请索取新的邀请。
invite-known = 该项目已在本机上。
recovery-malformed = 这不是恢复凭证，或文件已损坏。请使用另一份副本或其十二个词。
recovery-newer = 该恢复凭证由更新的版本制作。请重新加载以更新，然后重试。
recovery-passphrase-needed = 文件已加密，请输入口令。
recovery-passphrase-wrong = 口令无法打开该文件。
recovery-known = 该项目已在本机上。
