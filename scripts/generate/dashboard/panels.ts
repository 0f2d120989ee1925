/** What the dashboard shows: rows of panels, each a title, a unit and its queries. */

/** One line of a panel. */
export interface Query {
  readonly expr: string;
  /** Grafana's template of the name in the legend. */
  readonly legend: string;
}

/** One panel. */
export interface PanelSpec {
  readonly title: string;
  /** What it means, and what is normal. */
  readonly about: string;
  readonly kind: 'timeseries' | 'stat' | 'table';
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** From which value on a stat is red; with `redBelow` below it. */
  readonly red?: number;
  readonly redBelow?: boolean;
}

/** A row of panels below a heading. */
export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

const sequencer = '{instance=~"$sequencer"}';
const watcher = '{instance=~"$watcher"}';
const hub = '{instance=~"$hub"}';
const tower = '{instance=~"$tower"}';
const ETHER = '1e18';

const stat = (title: string, about: string, unit: string, expr: string, red?: number, redBelow = false): PanelSpec => ({
  ...{ title, about, kind: 'stat', unit, width: 4, queries: [{ expr, legend: title }] },
  ...(red === undefined ? {} : { red, redBelow }),
});

const graph = (
  title: string,
  about: string,
  unit: string,
  ...queries: readonly (readonly [string, string])[]
): PanelSpec => ({
  ...{ title, about, kind: 'timeseries', unit, width: 8 },
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
});

const quantile = (share: number, name: string): string =>
  `histogram_quantile(${share}, sum by (le) (rate(quittance_${name}_bucket${sequencer}[5m])))`;

/** The sequencer, from what people send to what L1 has. */
const SEQUENCER: readonly RowSpec[] = [
  {
    title: 'At a glance',
    panels: [
      stat(
        'Transfers a second',
        'Acknowledged, over five minutes.',
        'reqps',
        `sum(quittance:transfers_accepted:rate5m${sequencer})`,
      ),
      stat(
        'Halted',
        'Not 0: nothing more is accepted or posted.',
        'none',
        `count(quittance_halted_info${sequencer}) or vector(0)`,
        1,
      ),
      stat(
        'Trouble',
        'Not 0: posting fails at present.',
        'none',
        `count(quittance_trouble_info${sequencer}) or vector(0)`,
        1,
      ),
      stat(
        'Next request due',
        'Until the oldest deposit or exit must be on L1.',
        's',
        `min(quittance_priority_deadline_seconds${sequencer})`,
        21_600,
        true,
      ),
      stat(
        'Producer',
        'ETH of the producer on L1.',
        'short',
        `min(quittance_l1_balance_wei${sequencer}) / ${ETHER}`,
        0.1,
        true,
      ),
      stat(
        'Wrong batches',
        'What a watcher found wrong and waits on L1.',
        'none',
        `sum(quittance_watch_waiting_batches_count{instance=~"$watcher", verdict="wrong"})`,
        1,
      ),
    ],
  },
  {
    title: 'Transfers',
    panels: [
      graph(
        'Accepted and refused',
        'By reason of refusal.',
        'reqps',
        [`sum(quittance:transfers_accepted:rate5m${sequencer})`, 'accepted'],
        [`sum by (reason) (rate(quittance_transfers_refused_total${sequencer}[5m]))`, 'refused: {{reason}}'],
        [`sum by (reason) (rate(quittance_transfers_dropped_total${sequencer}[5m]))`, 'dropped: {{reason}}'],
      ),
      graph(
        'Waiting',
        'Before the limit all are refused.',
        'short',
        [`sum(quittance_intake_waiting_count${sequencer})`, 'to be checked'],
        [`sum(quittance_open_transfers_count${sequencer})`, 'to be sealed'],
        [`sum(quittance_unposted_transfers_count${sequencer})`, 'to be on L1'],
        [`sum(quittance_unposted_transfers_limit_count${sequencer})`, 'limit'],
      ),
      graph(
        'Commit',
        'Time until a group of transfers is on disk: every acknowledgement waits for it.',
        's',
        [`max(quittance:commit_seconds:p99_5m${sequencer})`, '99%'],
        [quantile(0.5, 'commit_seconds'), '50%'],
        [quantile(0.99, 'seal_seconds'), 'seal, 99%'],
      ),
    ],
  },
  {
    title: 'Batches and proofs',
    panels: [
      graph('Last batch', 'sealed, posted, final: the distance is what waits.', 'none', [
        `max by (state) (quittance_last_batch_number${sequencer})`,
        '{{state}}',
      ]),
      graph(
        'Oldest batch',
        'Since it was sealed.',
        's',
        [`max(quittance_oldest_unposted_seconds${sequencer})`, 'not on L1'],
        [`max(quittance_oldest_unfinal_seconds${sequencer})`, 'not final'],
      ),
      graph(
        'Proofs',
        'Time of a proof, and how many chunks wait.',
        's',
        [quantile(0.5, 'prove_seconds'), '50%'],
        [quantile(0.99, 'prove_seconds'), '99%'],
        [`sum(quittance_proof_queue_count${sequencer})`, 'chunks that wait (count)'],
      ),
    ],
  },
  {
    title: 'L1',
    panels: [
      graph('Gas', 'A second, by kind of transaction.', 'short', [
        `sum by (kind) (rate(quittance_l1_gas_total${sequencer}[30m]))`,
        '{{kind}}',
      ]),
      graph('Gas a transfer', 'Over six hours, everything included.', 'short', [
        `max(quittance:l1_gas_per_transfer:ratio6h${sequencer})`,
        'gas',
      ]),
      graph(
        'ETH of the producer',
        'And what the last six hours would spend in a day.',
        'short',
        [`max(quittance_l1_balance_wei${sequencer}) / ${ETHER}`, 'balance'],
        [`86400 * max(quittance:l1_spent_wei:rate6h${sequencer}) / ${ETHER}`, 'a day'],
        [`sum(increase(quittance_l1_spent_wei_total${sequencer}[1h])) / ${ETHER}`, 'last hour'],
      ),
      graph(
        'Bonds',
        'ETH that waits on L1 until batches are final.',
        'short',
        [`max(quittance_bonds_posted_wei${sequencer}) / ${ETHER}`, 'posted'],
        [`max(quittance_bonds_at_risk_wei${sequencer}) / ${ETHER}`, 'at risk'],
      ),
      graph(
        'Requests of L1',
        'Deposits and exits that no batch on L1 executes, and when the first is due.',
        's',
        [`max(quittance_priority_deadline_seconds${sequencer})`, 'seconds left'],
        [`max(quittance_priority_pending_count${sequencer})`, 'pending (count)'],
      ),
      graph(
        'View of L1',
        'Age of the newest block, and of the last look that succeeded.',
        's',
        [`max(quittance_l1_head_age_seconds${sequencer})`, 'head'],
        [`time() - max(quittance_l1_last_look_timestamp_seconds${sequencer})`, 'last look'],
        [`time() - max(quittance_watch_last_poll_timestamp_seconds${watcher})`, 'last look of the watcher'],
      ),
    ],
  },
  {
    title: 'API and process',
    panels: [
      graph('Requests', 'By method.', 'reqps', [
        `sum by (method) (rate(quittance_rpc_requests_total${sequencer}[5m]))`,
        '{{method}}',
      ]),
      graph('Time of an answer', '99 of 100 calls take less, by method.', 's', [
        `histogram_quantile(0.99, sum by (le, method) (rate(quittance_rpc_request_seconds_bucket${sequencer}[5m])))`,
        '{{method}}',
      ]),
      graph('Answers that are errors', 'By reason.', 'reqps', [
        `sum by (result) (rate(quittance_rpc_requests_total{instance=~"$sequencer", result!="ok"}[5m]))`,
        '{{result}}',
      ]),
      graph(
        'Process',
        'Lag of the event loop, and memory in GB.',
        'short',
        [`max(nodejs_eventloop_lag_p99_seconds${sequencer})`, 'lag, 99% (s)'],
        [`max(process_resident_memory_bytes${sequencer}) / 1e9`, 'memory (GB)'],
        [`sum(rate(process_cpu_seconds_total${sequencer}[5m]))`, 'cores'],
      ),
    ],
  },
];

/** Several sequencers with one journal. */
const CLUSTER: RowSpec = {
  title: 'Cluster',
  panels: [
    stat(
      'Leaders',
      'One of the nodes leads. Empty where a sequencer is alone.',
      'none',
      `sum(quittance_node_leads_info${sequencer})`,
      1,
      true,
    ),
    stat(
      'Journal has a standby',
      '0: what is acknowledged is on one disk.',
      'none',
      `min(quittance_journal_standby_info${sequencer})`,
      1,
      true,
    ),
    stat(
      'Journal stands',
      '1: nothing is acknowledged until a standby comes.',
      'none',
      `max(quittance_journal_stalled_info${sequencer})`,
      1,
    ),
    graph('Terms', 'Each new leader begins one.', 'none', [
      `max by (instance) (quittance_node_epoch_number${sequencer})`,
      '{{instance}}',
    ]),
    graph('Behind the journal', 'Entries that a node does not have yet.', 'none', [
      `max by (instance) (quittance_log_lag_count${sequencer})`,
      '{{instance}}',
    ]),
  ],
};

/** The watcher. */
const WATCHER: RowSpec = {
  title: 'Watcher',
  panels: [
    graph(
      'Waiting batches',
      'By what the replay says of them.',
      'none',
      [`sum by (verdict) (quittance_watch_waiting_batches_count${watcher})`, '{{verdict}}'],
      [`sum(quittance_watch_open_disputes_count${watcher})`, 'open disputes'],
    ),
    graph(
      'Money',
      'ETH of the account: staked, spent for gas and collected.',
      'short',
      [`max(quittance_watch_balance_wei${watcher}) / ${ETHER}`, 'balance'],
      [`max(quittance_watch_staked_wei${watcher}) / ${ETHER}`, 'staked'],
      [`sum(quittance_watch_spent_wei_total${watcher}) / ${ETHER}`, 'spent'],
      [`sum(quittance_watch_collected_wei_total${watcher}) / ${ETHER}`, 'collected'],
    ),
    graph(
      'Looks',
      'How long a poll and a replay take.',
      's',
      [`histogram_quantile(0.99, sum by (le) (rate(quittance_watch_poll_seconds_bucket${watcher}[5m])))`, 'poll, 99%'],
      [
        `histogram_quantile(0.99, sum by (le) (rate(quittance_watch_replay_seconds_bucket${watcher}[1h])))`,
        'replay, 99%',
      ],
    ),
    graph('Alerts', 'Raised within an hour, by kind.', 'none', [
      `sum by (kind) (increase(quittance_watch_alerts_total${watcher}[1h])) > 0`,
      '{{kind}}',
    ]),
    graph('Actions', 'Within an hour, by move and result.', 'none', [
      `sum by (move, result) (increase(quittance_watch_actions_total${watcher}[1h])) > 0`,
      '{{move}}: {{result}}',
    ]),
    { ...graph('Builds', 'What runs.', 'none', ['quittance_build_info', '{{role}}']), kind: 'table' },
  ],
};

/** Payment channels: a hub, and the tower that watches over them. */
const CHANNELS: RowSpec = {
  title: 'Channels',
  panels: [
    stat(
      'Payments a second',
      'Passed on by the hub, over five minutes.',
      'reqps',
      `sum(rate(quittance_hub_payments_total${hub}[5m]))`,
    ),
    stat('Open HTLCs', 'Payments on their way over the hub.', 'none', `sum(quittance_hub_htlcs_count${hub})`),
    stat('Hub failed', 'Not 0: it signs nothing any more.', 'none', `max(quittance_hub_failed_count${hub})`, 1),
    stat('Hub sees L1', 'Since it saw the newest block.', 's', `max(quittance_hub_l1_unseen_seconds${hub})`, 300),
    stat(
      'Hub on L1',
      'Its account, to show secrets and to close alone.',
      'short',
      `min(quittance_hub_balance_wei${hub}) / 1e18`,
    ),
    stat(
      'Last look of the tower',
      'Since it saw every channel.',
      's',
      `time() - min(quittance_tower_last_look_timestamp_seconds${tower})`,
      300,
    ),
    stat(
      'Old states',
      'Channels that are closed with an old state, not challenged yet.',
      'none',
      `sum(quittance_tower_channels_count{instance=~"$tower", phase="old"})`,
      1,
    ),
    stat(
      'Problems of the tower',
      'States and channels that it could not read.',
      'none',
      `sum(quittance_tower_problems_count${tower})`,
      1,
    ),
    graph(
      'Channels of the hub',
      'By stage, and connections that others began.',
      'none',
      [`sum by (stage) (quittance_hub_channels_count${hub})`, '{{stage}}'],
      [`sum(quittance_hub_connections_count${hub})`, 'connections'],
    ),
    graph('Capacity', 'Base units in open channels: what the hub can pay, and be paid.', 'short', [
      `sum by (token, side) (quittance_hub_capacity_number${hub})`,
      'token {{token}}: {{side}}',
    ]),
    graph(
      'Payments',
      'Passed on within an hour, and HTLCs that are open.',
      'none',
      [`sum(increase(quittance_hub_payments_total${hub}[1h]))`, 'passed on'],
      [`sum(quittance_hub_htlcs_count${hub})`, 'HTLCs'],
    ),
    graph('Closes', 'Channels that the tower watches over, by where their close stands.', 'none', [
      `sum by (phase) (quittance_tower_channels_count${tower}) > 0`,
      '{{phase}}',
    ]),
    graph('Actions of the tower', 'Within an hour, by move and result.', 'none', [
      `sum by (move, result) (increase(quittance_tower_actions_total${tower}[1h])) > 0`,
      '{{move}}: {{result}}',
    ]),
    graph('Alerts of the tower', 'Raised within an hour, by kind.', 'none', [
      `sum by (kind) (quittance:tower_alerts:raised1h${tower})`,
      '{{kind}}',
    ]),
    graph(
      'View of L1 of the tower',
      'Age of the newest block, and of the last look that saw every channel.',
      's',
      [`max(quittance_tower_l1_head_age_seconds${tower})`, 'head'],
      [`time() - min(quittance_tower_last_look_timestamp_seconds${tower})`, 'last look'],
    ),
    graph('Looks of the tower', 'A second, by result.', 'short', [
      `sum by (result) (rate(quittance_tower_looks_total${tower}[5m]))`,
      '{{result}}',
    ]),
    graph(
      'Money of the tower',
      'ETH of its account, and what it spent for gas.',
      'short',
      [`min(quittance_tower_balance_wei${tower}) / ${ETHER}`, 'balance'],
      [`sum(quittance_tower_spent_wei_total${tower}) / ${ETHER}`, 'spent'],
    ),
  ],
};

/** All rows, from top to bottom. */
export const ROWS: readonly RowSpec[] = [...SEQUENCER, CLUSTER, WATCHER, CHANNELS];
