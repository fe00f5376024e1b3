-- What the engine last saw of objects that run, by looking now and then.
alter table dsources
  add column health    jsonb,
  add column health_at timestamptz not null default now(),
  add column size_at   timestamptz not null default now(),
  add column worker_at timestamptz not null default now();
-- The first size of a VDB is measured soon after it is made, but not in the same moment.
alter table vdbs
  add column health     jsonb,
  add column health_at  timestamptz not null default now(),
  add column size_bytes bigint,
  add column size_at    timestamptz not null default now() - interval '55 minutes';

-- Entered by a person, and theirs: discovery neither changes nor forgets it.
alter table source_configs add column manual boolean not null default false;

-- What was seen before says nothing of what is now.
create function forget_health() returns trigger language plpgsql as $$
begin
  new.health := null;
  new.health_at := clock_timestamp();
  return new;
end $$;
create trigger forget_health before update of state on dsources for each row
  when (old.state <> new.state) execute function forget_health();
create trigger forget_health before update of state, generation on vdbs for each row
  when (old.state <> new.state or old.generation <> new.generation) execute function forget_health();

create function health_event() returns trigger language plpgsql as $$
begin
  insert into events (kind, subject_kind, subject_id, data) values (tg_argv[0] || '.health', tg_argv[0], new.id, new.health);
  return null;
end $$;
create trigger seen after update of health on dsources for each row
  when (new.health is not null and old.health ->> 'state' is distinct from new.health ->> 'state') execute function health_event('dsource');
create trigger seen after update of health on vdbs for each row
  when (new.health is not null and old.health ->> 'state' is distinct from new.health ->> 'state') execute function health_event('vdb');

-- A worker that comes and goes is no event; one that fails is.
drop trigger queued on jobs;
create trigger queued after insert on jobs for each row when (new.kind <> 'worker') execute function job_event();
drop trigger moved on jobs;
create trigger moved after update of state, cancel_requested on jobs for each row
  when ((old.state <> new.state or old.cancel_requested <> new.cancel_requested) and (new.kind <> 'worker' or new.state = 'failed')) execute function job_event();
