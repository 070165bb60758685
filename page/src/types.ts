// SPDX-License-Identifier: MIT
// What the node answers, as far as the page shows it. /openapi.json has all of it.

export interface Limits {
    max_memory: number | null;
    max_disk: number | null;
    max_cpu_percent: number | null;
    max_processes: number | "unlimited";
    max_threads: number | "unlimited";
}

export type Status = "pending" | "creating" | "ready" | "running" | "cleaning_up" | "destroyed" | "failed";

export interface Environment {
    id: string;
    name: string;
    backend: string;
    python_version: string;
    status: Status;
    storage_backend: string;
    storage_path: string;
    venv_path: string;
    host_path: string;
    isolation_in_force: string;
    security_mode: string;
    containment: string;
    created_at: string;
    last_activity: string;
    expires_at: string | null;
    max_idle_time: number | "unlimited";
    packages: string[];
    notes: string[];
    tags: Record<string, string>;
    resource_limits: Limits;
}

export interface Sample {
    at: string;
    memory_bytes: number;
    memory_peak_bytes: number;
    memory_limit_bytes: number | null;
    cpu_percent: number;
    disk_bytes: number;
    disk_limit_bytes: number | null;
    processes: number;
    threads: number;
    io_read_bytes: number;
    io_written_bytes: number;
}

export interface Process {
    pid: number;
    pid_in_environment: number | null;
    parent_pid: number;
    name: string;
    command_line: string;
    state: "running" | "sleeping" | "blocked" | "stopped";
    memory_bytes: number;
    cpu_time: number;
    threads: number;
    started_at: string;
}

/// Those with most memory first; there may be more than are in the list.
export interface ProcessList {
    at: string;
    total: number;
    processes: Process[];
}

export interface Alert {
    environment_id: string;
    environment_name: string;
    kind: string;
    level: "warning" | "critical";
    value: number;
}

export interface Totals {
    active_environments: number;
    total_memory_mb: number;
    total_disk_mb: number;
    max_concurrent: number;
    max_total_memory_mb: number;
    max_total_disk_mb: number;
    alerts: Alert[];
}

export interface RuntimeEvent {
    kind: string;
    at: string;
    environment_id: string;
    environment_name: string;
    text: string;
}

export interface NumberedEvent extends RuntimeEvent {
    number: number;
}

export interface Residue {
    kind: string;
    name: string;
    why: string;
}

export interface Receipt {
    environment_id: string;
    environment_name: string;
    reason: string;
    finished_at: string;
    duration: number;
    processes_killed: number;
    mounts_removed: number;
    cgroups_removed: number;
    files_removed: number;
    bytes_removed: number;
    segments_removed: number;
    residue: Residue[];
    unattributed: Residue[];
}

export interface Package {
    name: string;
    version: string;
}

export interface InstallResult {
    installed: Package[];
    removed: Package[];
    duration: number;
    notes: string[];
}

export interface CommandResult {
    returncode: number;
    duration: number;
    command: string;
    signal: number | null;
    timed_out: boolean;
    out_of_memory: boolean;
    too_many_processes: boolean;
    notes: string[];
}

export interface Failure {
    code: string;
    message: string;
    hint: string;
}

export interface Operation {
    id: string;
    kind: "create" | "execute" | "install" | "uninstall";
    status: "running" | "succeeded" | "failed" | "cancelled";
    environment: string;
    started_at: string;
    finished_at: string | null;
    made: Environment | null;
    result: CommandResult | null;
    packages: InstallResult | null;
    problem: Failure | null;
}

export interface NodeInfo {
    version: string;
    pid: number;
    started_at: string;
    abilities: {
        best: string;
        cgroups: boolean;
        storage_mounts: boolean;
        memory_limited_by: string;
        cpu_limited_by: string;
        threads_limited_by: string;
        limitations: string[];
    };
    configuration: Record<string, unknown> & { monitoring_interval: number; default_backend: string; default_ttl: number };
}

export interface Session {
    right: "read" | "write" | "admin";
    expires_at: string;
    version: string;
}

export interface Listed<T> {
    items: T[];
    next: string | null;
}
