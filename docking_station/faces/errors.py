"""What can go wrong between the dock and who follows it (采集服务接口故障)."""

from __future__ import annotations

from catalog.station_error import StationError


class DockNotRunning(StationError):
    """Nothing answers on the dock's socket (采集服务未运行)."""

    code, retry, exit_status = "station.dock-not-running", True, 16
    en = ("The dock is not running: nothing answers at {path}.", "Start it: `systemctl start evidock-dock`.")
    zh = ("采集服务未运行：{path} 无应答。", "请启动服务：`systemctl start evidock-dock`。")


class DockSilent(StationError):
    """The dock's socket is there, but the dock says nothing (采集服务无响应)."""

    code, retry, exit_status = "station.dock-silent", True, 16
    en = ("The dock says nothing at {path}: {reason}.", "If it stays so, restart it: `systemctl restart evidock-dock`.")
    zh = ("采集服务无响应（{path}）：{reason}。", "若持续如此，请重启服务：`systemctl restart evidock-dock`。")


class DockForbidden(StationError):
    """This user may not listen to the dock (无权连接采集服务)."""

    code, exit_status = "station.dock-forbidden", 16
    en = (
        "You may not listen to the dock at {path}.",
        "Use sudo, or join the group the socket belongs to: `ls -l {path}`.",
    )
    zh = ("当前用户无权连接采集服务（{path}）。", "请使用 sudo，或加入该套接字所属的用户组：`ls -l {path}`。")


class DockCrowded(StationError):
    """As many faces listen to the dock as it serves (连接数已满)."""

    code, retry, exit_status = "station.dock-crowded", True, 16
    en = (
        "{most} programs listen to the dock at {path} already.",
        "Close one of them, then run the same command again.",
    )
    zh = ("已有 {most} 个程序连接采集服务（{path}）。", "请关闭其中一个后重新执行同一命令。")


class SocketTaken(StationError):
    """The dock cannot serve its faces at the socket in the settings (状态接口不可用)."""

    code, exit_status = "station.socket-taken", 17
    en = (
        "The dock cannot serve its state at {path}: {reason}.",
        "Stop the other dock, or name another place: `socket` under [dock] in station.toml.",
    )
    zh = ("无法在 {path} 提供状态接口：{reason}。", "请停止另一采集服务，或在 station.toml 的 [dock] 中另设 `socket`。")


class MetricsUnserved(StationError):
    """Metrics cannot be served at the address in the settings (监控指标不可用)."""

    code, retry, exit_status = "station.metrics-unserved", True, 17
    en = (
        "Metrics cannot be served at {address}: {reason}.",
        'Free the port, or write another `metrics = "ADDRESS:PORT"` under [dock] in station.toml.',
    )
    zh = (
        "无法在 {address} 提供监控指标：{reason}。",
        '请释放端口，或在 station.toml 的 [dock] 中改写 `metrics = "地址:端口"`。',
    )
