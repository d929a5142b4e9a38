-- Marts that answer a question of the day and do not add up to the facts they are made of.

with

counted as (

    select 'unpaid approvals' as figure, currency as member, cast(count(*) as bigint) as rows_counted, sum(coalesce(amount, 0)) as amount
    from {{ ref('fct_claim_payouts') }}
    where is_approved and not is_claim_paid_status
    group by currency

    union all

    select 'unpaid approvals', currency, -sum(tickets), -sum(amount)
    from {{ ref('mart_unpaid_approvals') }}
    group by currency

    union all

    select 'open tickets', waiting_on, cast(count(*) as bigint), 0
    from {{ ref('fct_ticket_resolution') }}
    where is_open
    group by waiting_on

    union all

    select 'open tickets', waiting_on, -open_tickets, 0
    from {{ ref('mart_standing_still') }}
    {% for segment_type in ['carrier', 'ticket_type'] %}
    union all

    select
        'periods by {{ segment_type }}',
        period_type || ' ' || period,
        sum(case when segment_type = 'all' then 1 else -1 end * (opened + 3 * closed + 7 * decided + 31 * approved)),
        0
    from {{ ref('mart_period_comparison') }}
    where segment_type in ('all', '{{ segment_type }}')
    group by period_type, period
    {% endfor %}
    union all

    select 'approved in periods', period_type || ' ' || period, approved, 0
    from {{ ref('mart_period_comparison') }}
    where segment_type = 'all'

    union all

    select 'approved in periods', period_type || ' ' || period, -sum(marked_paid + not_marked_paid), 0
    from {{ ref('mart_period_payouts') }}
    group by period_type, period

    union all

    select 'tickets with a target', carrier, cast(count(*) as bigint), 0
    from {{ ref('fct_ticket_resolution') }}
    where breach_at is not null
    group by carrier

    union all

    select 'tickets with a target', carrier, -sum(met + missed + not_due + lost_sight), 0
    from {{ ref('mart_target_attainment') }}
    group by carrier

)

select figure, member, sum(rows_counted) as rows_missing, sum(amount) as amount_missing
from counted
group by figure, member
having sum(rows_counted) <> 0 or sum(amount) <> 0
