-- One row per kind of event with currency '(all)', and for approved and paid one more per currency: how
-- many in the 24 hours up to the as-of moment, and in the 24 hours before those. Events are dated as in
-- the facts: when they happened as far as that is told, else when a sync saw them.

{%- set kinds = ['opened', 'closed', 'reopened', 'approved', 'paid', 'vanished', 'asked'] %}

with

days as (

    select
        as_of as last_day_until,
        {{ plus_days('as_of', -1) }} as last_day_from,
        {{ plus_days('as_of', -2) }} as day_before_from
    from {{ ref('stg_as_of') }}
    where as_of is not null

),

tickets as (

    select ticket_id, created_at, vanished_at from {{ ref('fct_ticket_resolution') }}

),

open_spans as (

    select * from {{ ref('int_open_spans') }}

),

claims as (

    select * from {{ ref('fct_claim_payouts') }}

),

-- what was so at the first sight of a ticket, and has no date, is no news
payments as (

    select ticket_id, min(valid_from) as paid_at
    from {{ ref('fct_status_spans') }}
    where status = 'claim_paid'
    group by ticket_id
    having min(valid_from)
        = min(case when is_change_watched or valid_from_source <> 'seen_at' then valid_from end)

),

requests as (

    select created_at from {{ ref('fct_requested_actions') }}

),

moments as (

    select 'opened' as kind, created_at as happened_at, '(all)' as currency, 'not_due' as amount_status,
        cast(null as numeric(18, 4)) as amount
    from tickets

    union all

    select 'vanished', vanished_at, '(all)', 'not_due', null from tickets

    union all

    select 'closed', ends_at, '(all)', 'not_due', null from open_spans where ends_run

    union all

    select 'reopened', starts_at, '(all)', 'not_due', null from open_spans where starts_run and run_no > 1

    union all

    select 'approved', solved_at, currency, amount_status, amount from claims where is_approved

    union all

    select
        'paid',
        payments.paid_at,
        coalesce(claims.currency, '(none)'),
        coalesce(claims.amount_status, 'missing'),
        case when claims.is_approved then claims.amount end
    from payments
    left join claims on payments.ticket_id = claims.ticket_id

    union all

    select 'asked', created_at, '(all)', 'not_due', null from requests

),

events as (

    select
        moments.*,
        case when moments.happened_at > days.last_day_from then 1 else 0 end as is_last_day
    from moments
    cross join days
    where moments.happened_at > days.day_before_from

),

rows_to_tell as (
    {% for kind in kinds %}
    select '{{ kind }}' as kind, {{ loop.index }} as kind_no, '(all)' as currency from days
    union all
    {% endfor %}
    select distinct
        kind,
        case kind{% for kind in kinds %} when '{{ kind }}' then {{ loop.index }}{% endfor %} end as kind_no,
        currency
    from events
    where kind in ('approved', 'paid')

),

counted as (

    select
        rows_to_tell.kind,
        rows_to_tell.kind_no,
        rows_to_tell.currency,
        coalesce(sum(events.is_last_day), 0) as last_day,
        coalesce(sum(1 - events.is_last_day), 0) as day_before,
        sum(case when events.is_last_day = 1 then coalesce(events.amount, 0) else 0 end) as last_day_amount,
        sum(case when events.is_last_day = 0 then coalesce(events.amount, 0) else 0 end) as day_before_amount,
        sum(case when events.is_last_day = 1 and events.amount_status = 'missing' then 1 else 0 end)
            as last_day_missing_amounts,
        sum(case when events.is_last_day = 0 and events.amount_status = 'missing' then 1 else 0 end)
            as day_before_missing_amounts
    from rows_to_tell
    left join events
        on rows_to_tell.kind = events.kind
        and (rows_to_tell.currency = '(all)' or rows_to_tell.currency = events.currency)
    group by rows_to_tell.kind, rows_to_tell.kind_no, rows_to_tell.currency

),

since_yesterday as (

    select
        counted.kind_no,
        counted.kind,
        counted.currency,
        cast(counted.last_day as bigint) as last_day,
        cast(counted.day_before as bigint) as day_before,
        case when counted.currency <> '(all)' then cast(counted.last_day_amount as numeric(38, 4)) end
            as last_day_amount,
        case when counted.currency <> '(all)' then cast(counted.day_before_amount as numeric(38, 4)) end
            as day_before_amount,
        cast(counted.last_day_missing_amounts as bigint) as last_day_missing_amounts,
        cast(counted.day_before_missing_amounts as bigint) as day_before_missing_amounts,
        days.last_day_from,
        days.last_day_until
    from counted
    cross join days

)

select * from since_yesterday
