-- How a host over SSH is reached, its login sealed.
alter table environments
  add column ssh jsonb,
  drop constraint environments_kind_check,
  add constraint environments_kind_check check (kind in ('local', 'ssh')),
  add constraint environments_ssh_check check ((kind = 'ssh') = (ssh is not null));
