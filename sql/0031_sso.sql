-- Who somebody is at an identity provider.  The provider itself is a row of
-- integration whose type begins with "sso-"; an identity counts only together
-- with it, so that no organisation's provider can speak for another's people.

create table sso_identity (
    integration_id  bigint not null references integration on delete cascade,
    subject         text not null,                  -- issuer and its own name of the person
    organization_id bigint not null references organization on delete cascade,
    account_id      bigint not null references account on delete cascade,
    linked_at       timestamptz not null default now(),
    used_at         timestamptz not null default now(),
    primary key (integration_id, subject),
    unique (integration_id, account_id)
);

create index sso_identity_account on sso_identity (account_id);
create index sso_identity_organization on sso_identity (organization_id);
create unique index integration_sso on integration (organization_id, type)
    where type like 'sso-%';
