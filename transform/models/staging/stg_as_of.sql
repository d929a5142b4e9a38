-- One row: the moment as of which everything is told. Never now(): the same data give the same marts.
{{ refuse_unknown_engine() }}
with

tickets as (

    select * from {{ source('sendcloud', 'tickets') }}

),

seen as (

    -- a ticket found to be gone was looked for, too
    select
        min(first_seen_at) as seen_since,
        {{ greatest_known('max(last_seen_at)', 'max(vanished_at)') }} as seen_until
    from tickets

),

as_of as (

    select
        {{ utc('seen_since') }} as data_seen_since,
        {{ utc('seen_until') }} as data_seen_until,
        {{ least_known(utc('seen_until'), moment_var('as_of')) }} as as_of
    from seen

)

select * from as_of
