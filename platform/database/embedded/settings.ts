import { statSync } from 'node:fs';

/** The name of our database and of its owner; PostgreSQL's superuser is another one, whose password nobody knows. */
export const databaseName = 'guildhall';

/** The server's name, which says what data directory it serves: a word of its command line and its children's titles. */
export function clusterName(data: string): string {
  const { dev, ino } = statSync(data, { bigint: true });
  return `guildhall-${dev}-${ino}`;
}

/**
 * The server's settings. They stand on its command line, so that every start uses those of this version, and nothing
 * has to be written to a directory that another user owns.
 */
export function serverArguments(port: number, cluster: string): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // A socket's path may have 107 bytes at most, and data folders lie deeper than that.
    unix_socket_directories: '',
    cluster_name: cluster,
    password_encryption: 'scram-sha-256',

    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    max_wal_size: '512MB',
    min_wal_size: '32MB',
    // No replica follows this server: less to write, most of all for a table that is loaded afresh.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_replication_slots: '0',

    max_connections: '50',
    shared_buffers: '64MB',
    effective_cache_size: '512MB',
    random_page_cost: '1.1',
    io_method: 'sync',
    max_worker_processes: '4',
    max_parallel_workers: '2',
    max_logical_replication_workers: '0',
    autovacuum_max_workers: '2',
    autovacuum_worker_slots: '4',
    jit: 'off',

    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    logging_collector: 'off',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    // Statements and the values in "Key (email)=(…)" are people's data, which a log must not keep.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
