"""What the machine does while a model is trained: the numbers that MLflow shows as a run's system metrics."""

from __future__ import annotations

from contextlib import suppress

from mlflow.system_metrics.metrics.base_metrics_monitor import BaseMetricsMonitor
from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

PREFIX = "system/"  # by which MLflow knows them


class Machine:
    """Processor, memory, disk and network, by MLflow's monitors; GPUs too, where ``nvidia-ml-py`` is there to ask them."""

    def __init__(self) -> None:
        self._monitors: list[BaseMetricsMonitor] = [CPUMonitor(), DiskMonitor(), NetworkMonitor()]
        with suppress(ImportError, RuntimeError):  # without NVIDIA's library, or without such a GPU
            self._monitors.append(GPUMonitor())

    def read(self) -> dict[str, float]:
        """By name, the percentages and megabytes of now; processors since the last time."""
        found: dict[str, float] = {}
        for monitor in self._monitors:
            monitor.collect_metrics()
            found |= {PREFIX + name: float(value) for name, value in monitor.aggregate_metrics().items()}
            monitor.clear_metrics()
        return found
