create table plugins (
  id          text primary key,
  manifest    jsonb not null,
  artifact    text not null,
  uploaded_at timestamptz not null default now()
);

create table pools (
  name       text primary key,
  settings   jsonb not null,
  created_at timestamptz not null default now()
);

create table environments (
  id           text primary key,
  name         text not null unique,
  kind         text not null check (kind in ('local')),
  os_user      text,
  created_at   timestamptz not null default now(),
  refreshed_at timestamptz
);

create table repositories (
  id             text primary key,
  environment_id text not null references environments on delete cascade,
  plugin_id      text not null references plugins,
  identity       text not null,
  name           text not null,
  definition     jsonb not null,
  vanished_at    timestamptz,
  unique (environment_id, plugin_id, identity)
);

create table source_configs (
  id            text primary key,
  repository_id text not null references repositories on delete cascade,
  identity      text not null,
  name          text not null,
  definition    jsonb not null,
  vanished_at   timestamptz,
  unique (repository_id, identity)
);

create table dsources (
  id               text primary key,
  name             text not null unique,
  plugin_id        text not null references plugins,
  source_config_id text not null references source_configs,
  environment_id   text not null references environments,
  pool             text not null references pools,
  parameters       jsonb not null,
  hooks            jsonb not null default '{}',
  state            text not null check (state in ('linking', 'active', 'disabled', 'deleting')),
  size_bytes       bigint,
  created_at       timestamptz not null default now()
);

create table vdbs (
  id             text primary key,
  name           text not null unique,
  plugin_id      text not null references plugins,
  repository_id  text not null references repositories,
  environment_id text not null references environments,
  pool           text not null references pools,
  parameters     jsonb not null,
  hooks          jsonb not null default '{}',
  state          text not null check (state in ('creating', 'active', 'inactive', 'disabled', 'deleting')),
  generation     integer not null default 1,
  snapshot_id    text,
  source_config  jsonb,
  created_at     timestamptz not null default now()
);

create table timeflows (
  id         text primary key,
  dsource_id text references dsources on delete cascade,
  vdb_id     text references vdbs on delete cascade,
  reason     text not null,
  created_at timestamptz not null default now(),
  check (num_nonnulls(dsource_id, vdb_id) = 1)
);
create index on timeflows (dsource_id);
create index on timeflows (vdb_id);

create table snapshots (
  id          text primary key,
  timeflow_id text not null references timeflows on delete cascade,
  dsource_id  text references dsources on delete cascade,
  vdb_id      text references vdbs on delete cascade,
  pool        text not null references pools,
  dataset     text not null,
  image       text,
  state       text not null check (state in ('taken', 'published', 'publish_failed')),
  metadata    jsonb not null,
  problem     jsonb,
  taken_at    timestamptz not null default now(),
  check (num_nonnulls(dsource_id, vdb_id) = 1)
);
create index on snapshots (dsource_id, taken_at desc, id);
create index on snapshots (vdb_id, taken_at desc, id);
create index on snapshots (taken_at desc, id);

alter table vdbs add foreign key (snapshot_id) references snapshots;
create index on vdbs (snapshot_id);

-- A TCP port on a host, promised to a dSource or VDB ('vdb/<id>') until that is deleted.
create table ports (
  environment_id text not null references environments on delete cascade,
  port           integer not null,
  owner          text not null,
  label          text not null,
  primary key (environment_id, port),
  unique (owner, label)
);

create table jobs (
  id               text primary key,
  kind             text not null,
  request          jsonb not null,
  locks            text[] not null,
  object_kind      text not null check (object_kind in ('dsource', 'vdb', 'environment', 'snapshot')),
  object_id        text not null,
  object_name      text not null,
  state            text not null default 'queued' check (state in ('queued', 'running', 'undoing', 'succeeded', 'failed', 'cancelled')),
  problem          jsonb,
  cancel_requested boolean not null default false,
  engine_id        text,
  fence            bigint not null default 0,
  lease_until      timestamptz,
  created_at       timestamptz not null default now(),
  started_at       timestamptz,
  finished_at      timestamptz
);
create index on jobs (created_at desc, id);
create index on jobs (state, created_at) where state in ('queued', 'running', 'undoing');
create index on jobs (object_kind, object_id, created_at desc);

-- 'output' is {"value": …} once the effect has ended, whatever came after.
create table steps (
  job_id      text not null references jobs on delete cascade,
  number      integer not null,
  name        text not null,
  state       text not null check (state in ('running', 'done', 'failed', 'undone')),
  output      jsonb,
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (job_id, number)
);

create table job_lines (
  id     bigint generated always as identity primary key,
  job_id text not null references jobs on delete cascade,
  step   text not null,
  at     timestamptz not null default clock_timestamp(),
  line   text not null
);
create index on job_lines (job_id, id);

-- Read in the order (transaction, id) and only below the oldest running transaction, so that a reader skips nothing.
create table events (
  id           bigint generated always as identity,
  transaction  xid8 not null default pg_current_xact_id(),
  at           timestamptz not null default clock_timestamp(),
  kind         text not null,
  subject_kind text not null,
  subject_id   text not null,
  data         jsonb not null,
  primary key (transaction, id)
);

create table tokens (
  id         text primary key,
  name       text not null unique,
  hash       text not null unique,
  created_at timestamptz not null default now()
);

-- What a POST answered, so that the same Idempotency-Key answers it again.
create table idempotency (
  token_id   text not null references tokens on delete cascade,
  key        text not null,
  request    text not null,
  status     integer,
  body       jsonb,
  created_at timestamptz not null default now(),
  primary key (token_id, key)
);
