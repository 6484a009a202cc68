"""Words of setting a station up from a page, English and Chinese (开通向导文字)."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "pages_first_run": (
        "There is no station in {home} yet. Set it up at {address}   (Ctrl-C ends)",
        "{home} 中还没有采集站。请在浏览器中打开 {address} 完成开通（按 Ctrl-C 结束）",
    ),
    "setup_title": ("Set up this station", "开通采集站"),
    "setup_welcome": ("Welcome. This takes about five minutes.", "欢迎使用。开通约需五分钟。"),
    "setup_welcome_hint": (
        "A station has a name and a disk on which originals are locked. Nobody deletes what is locked.",
        "先为采集站命名，并选择存放原件的磁盘。原件一经入库即锁定，到期前任何人不能删除。",
    ),
    "setup_name": ("Name of the station", "采集站名称"),
    "setup_name_hint": ("It stands in every list and manifest.", "将写入每份清单和目录。"),
    "setup_recorders": ("Recorders", "记录仪（台）"),
    "setup_hours": ("Hours each records a working day", "每台每个工作日录多少小时"),
    "setup_disk": ("Disk for originals", "存放原件的磁盘"),
    "setup_disk_line": ("{total}, {free} free", "容量 {total}，可用 {free}"),
    "setup_disk_system": ("disk of the system", "系统盘"),
    "setup_disk_months": ("enough for about {months} months", "约可存 {months} 个月"),
    "setup_disk_short": (
        "enough for {months} months only: each original is locked for {lock}",
        "只够 {months} 个月，原件须锁定 {lock} 个月",
    ),
    "setup_disk_copy": ("marked for the second copy", "已作备份盘"),
    "setup_disk_none": (
        "No disk here can hold the originals.",
        "没有可存放原件的磁盘。",
    ),
    "setup_disk_none_hint": (
        "Plug another one in, then load this page again. A wrong mark is the file EVIDOCK-BACKUP on a disk.",
        "请接上另一块磁盘，再刷新本页。误设为备份盘的，请删除该盘上的 EVIDOCK-BACKUP 文件。",
    ),
    "setup_disk_hint": (
        "Worked out at 6 Mbit/s and 22 working days a month. For a trial: one recorder, 0.1 hours.",
        "按码率 6 Mbit/s、每月 22 个工作日估算。仅试用时可填 1 台、0.1 小时。",
    ),
    "setup_size": ("How this house is run", "单位类型"),
    "setup_small": (
        "Small bureau: the custodian proposes, the deputy head confirms",
        "小型单位：音像资料管理员提出，分管领导确认",
    ),
    "setup_large": (
        "Administrator, security officer and auditor are three people",
        "三员分立：系统管理员、安全管理员、安全审计员各一人",
    ),
    "setup_make": ("Make the station", "建立采集站"),
    "setup_done": ("done", "已完成"),
    "setup_next": ("now", "当前"),
    "setup_later": ("later", "待办"),
    "setup_step_station": ("Station and disk", "采集站与磁盘"),
    "setup_step_policy": ("Policy of the bureau", "管理制度"),
    "setup_step_people": ("People", "人员"),
    "setup_step_bays": ("Bays", "仓位"),
    "setup_step_copy": ("Second copy", "第二份（备份）"),
    "setup_step_clip": ("First recording", "首次采集"),
    "setup_policy_why": (
        "What must be recorded, how long it is kept, who may do what. One comes with the program; change it any time.",
        "管理制度规定哪些环节应当录音录像、保存多久、谁可以做什么。程序自带一份民政局示范文本，可随时修订，历次版本留存。",
    ),
    "setup_bureau": ("Full name of the bureau", "机关全称"),
    "setup_short": ("Short form in document numbers", "文号机关代字"),
    "setup_marks": (
        "{count} lines to check against your own rules",
        "有 {count} 项须由本局核定，点开逐项确认",
    ),
    "setup_marks_hint": (
        "Tick what you have checked. What is not ticked stays marked in the text, and can be settled later.",
        "已核定的请打勾；未打勾的在文本中保留［核］字样，以后仍可核定。",
    ),
    "setup_adopt": ("Put it into force", "发布施行"),
    "setup_people_why": (
        "At least who looks after the recordings, and who confirms. Each chooses another secret when first signing in.",
        "至少两人：一名音像资料管理员，一名确认的领导。各人首次登录时须改为自己的口令。其他人员可现在或以后登记。",
    ),
    "setup_person": ("Person {n}", "第 {n} 人"),
    "setup_no": ("Number", "人员编号"),
    "setup_called": ("Name", "姓名"),
    "setup_unit": ("Unit", "科室"),
    "setup_whole_bureau": ("the bureau", "全局"),
    "setup_person_title": ("Title", "岗位"),
    "setup_recorder_no": ("Number on the recorder", "记录仪上的编号（工号）"),
    "setup_account": ("Account", "账户"),
    "setup_enter": ("Enter these people", "登记"),
    "setup_bays_why": (
        "Each bay gets its number by plugging one recorder through them in order.",
        "用一台记录仪按顺序插过每个仓位，即可给仓位编号。",
    ),
    "setup_bays_hint": (
        "At this machine, type: evidock bays calibrate. A station without a dock needs no numbers.",
        "请在本机终端执行：evidock bays calibrate。没有采集仓位的可以跳过。",
    ),
    "setup_copy_why": (
        "If this disk fails, everything on it is gone. Another disk gets a copy each night.",
        "磁盘一旦损坏，资料将全部丢失。请另选一块磁盘，采集站每晚自动备份到该盘。",
    ),
    "setup_copy_none": (
        "This machine has no other disk. Plug one in, then load this page again.",
        "本机没有其他磁盘。请接入一块磁盘后刷新本页。",
    ),
    "setup_copy_mark": ("Use it for the second copy", "用作备份盘"),
    "setup_copy_marked": (
        "{disk} is marked for the second copy; the first one is made tonight.",
        "{disk} 已设为备份盘，今晚自动备份。",
    ),
    "setup_clip_why": (
        "Put a recorder into a bay, or upload a file: it is locked like any other. That shows that all works.",
        "把一台记录仪插入仓位，或上传一个文件，按正式资料入库锁定，即可确认一切正常。",
    ),
    "setup_all_done": ("The station is ready.", "采集站已开通。"),
    "setup_go": ("To the start page", "进入首页"),
}
