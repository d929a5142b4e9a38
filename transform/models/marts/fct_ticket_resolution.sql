-- One row per ticket: how it stands, when it was resolved, first and last, and who it waited for.
-- What was not resolved has no resolution time; it was open for at least duration_seconds.

with

tickets as (

    select * from {{ ref('stg_tickets') }}

),

open_spans as (

    select * from {{ ref('int_open_spans') }}

),

-- what the API still tells of the past, and what was seen of it: it forgets a first resolution
firsts as (

    select
        ticket_id,
        min(case when not is_gone then solved_at end) as solved_at,
        -- the group of the smallest number, without a window over all rows
        substring(
            min(case when not is_gone then cast(1000000 + resolution_no as text) || outcome_group end), 8
        ) as outcome_group,
        min(case when outcome_group = 'claim_approved' then solved_at end) as approved_at,
        min(case when outcome_group = 'claim_approved' then seen_at end) as approved_seen_at
    from {{ ref('int_resolutions') }}
    group by ticket_id

),

calendar as (

    select * from {{ ref('dim_calendar') }}

),

sla_targets as (

    select * from {{ ref('sla_targets') }}

),

has_calendar as (

    select coalesce(max(case when is_business_day then 1 else 0 end), 0) = 1 as has_calendar
    from calendar

),

lives as (

    select
        ticket_id,
        max(case when is_left_truncated then 1 else 0 end) = 0 as history_is_complete,
        max(run_no) - 1 as count_reopens,
        min(case when run_no = 2 then starts_at end) as first_reopened_at,
        sum(case when ends_run then 1 else 0 end) as count_resolutions,
        min(resolved_at) as first_ended_at,
        max(resolved_at) as last_resolved_at,
        max(case when is_last_run and ends_run then 1 else 0 end) = 1 as is_resolved,
        max(case when is_last_run and ends_run then resolved_at_source end) as resolved_at_source,
        {% for party in ['carrier', 'merchant', 'sendcloud', 'unknown'] -%}
        sum(
            case
                when waiting_on = '{{ party }}'
                    then {{ seconds_between('starts_at', 'observed_until') }}
                else 0
            end
        ) as {{ party }}_seconds{{ ',' if not loop.last }}
        {% endfor -%}
    from open_spans
    group by ticket_id

),

dated as (

    select
        lives.*,
        firsts.outcome_group as first_outcome_group,
        firsts.approved_at,
        firsts.approved_seen_at,
        case when lives.first_ended_at is not null or firsts.solved_at is not null
            then {{ least_known('lives.first_ended_at', 'firsts.solved_at') }}
        end as first_resolved_at
    from lives
    left join firsts on lives.ticket_id = firsts.ticket_id

),

joined as (

    select
        {{ columns_of('tickets', ['ticket_id', 'carrier', 'ticket_type']) }},
        lives.first_outcome_group,
        lives.approved_at,
        lives.approved_seen_at,
        lives.history_is_complete,
        lives.count_resolutions,
        lives.count_reopens,
        lives.first_reopened_at,
        lives.is_resolved,
        lives.first_resolved_at,
        lives.last_resolved_at,
        lives.resolved_at_source,
        lives.carrier_seconds,
        lives.merchant_seconds,
        lives.sendcloud_seconds,
        lives.unknown_seconds,
        {{ seconds_between('tickets.created_at', 'coalesce(lives.first_resolved_at, tickets.last_seen_at)') }}
            as duration_seconds,
        sla_targets.days as sla_target_days,
        {{ plus_days('tickets.created_at', 'sla_targets.days') }} as breach_at,
        {{ business_day('tickets.created_at', 'has_calendar.has_calendar') }} as created_day,
        {{ business_day('lives.first_resolved_at', 'has_calendar.has_calendar') }} as first_resolved_day,
        {{ business_day('lives.last_resolved_at', 'has_calendar.has_calendar') }} as last_resolved_day
    from tickets
    cross join has_calendar
    inner join dated as lives on tickets.ticket_id = lives.ticket_id
    left join sla_targets
        on tickets.carrier = sla_targets.carrier and tickets.ticket_type = sla_targets.ticket_type

),

ticket_resolution as (

    select
        joined.ticket_id,
        joined.order_number,
        joined.parcel_id,
        joined.brand_id,
        joined.carrier,
        joined.ticket_type,
        joined.status,
        joined.stage,
        case when joined.is_resolved then 'done' else joined.waiting_on end as waiting_on,
        joined.created_at,
        {{ month_of('joined.created_at') }} as created_month,
        joined.updated_at,
        joined.first_seen_at,
        joined.last_seen_at,
        joined.vanished_at,
        joined.is_resolved,
        not joined.is_resolved and joined.vanished_at is null as is_open,
        case when joined.is_resolved then joined.last_resolved_at end as resolved_at,
        joined.resolved_at_source,
        joined.first_resolved_at,
        joined.last_resolved_at,
        cast(joined.count_resolutions as integer) as count_resolutions,
        cast(joined.count_reopens as integer) as count_reopens,
        joined.outcome,
        case
            when joined.outcome_group is not null then joined.outcome_group
            when joined.first_resolved_at is not null then 'unknown'
        end as outcome_group,
        joined.has_claim_outcome or joined.amount is not null as is_claim,
        joined.duration_seconds,
        {{ minutes_between('joined.created_at', 'joined.first_resolved_at') }}
            as first_resolution_calendar_minutes,
        {{ minutes_between('joined.created_at', 'joined.last_resolved_at') }}
            as final_resolution_calendar_minutes,
        {{ minutes(
            business_seconds_before('joined.first_resolved_at', 'first_resolved_day') ~ ' - '
            ~ business_seconds_before('joined.created_at', 'created_day')
        ) }} as first_resolution_business_minutes,
        {{ minutes(
            business_seconds_before('joined.last_resolved_at', 'last_resolved_day') ~ ' - '
            ~ business_seconds_before('joined.created_at', 'created_day')
        ) }} as final_resolution_business_minutes,
        case
            when not joined.is_resolved
                then {{ minutes_between('joined.created_at', 'joined.last_seen_at') }}
        end as unsolved_ticket_age_minutes,
        case
            when not joined.is_resolved and joined.updated_at <= joined.last_seen_at
                then {{ minutes_between('joined.updated_at', 'joined.last_seen_at') }}
        end as unsolved_ticket_age_since_update_minutes,
        joined.history_is_complete,
        case when joined.history_is_complete then {{ minutes('joined.carrier_seconds') }} end
            as carrier_wait_minutes,
        case when joined.history_is_complete then {{ minutes('joined.merchant_seconds') }} end
            as merchant_wait_minutes,
        case when joined.history_is_complete then {{ minutes('joined.sendcloud_seconds') }} end
            as sendcloud_work_minutes,
        case when joined.history_is_complete then {{ minutes('joined.unknown_seconds') }} end
            as unknown_wait_minutes,
        joined.sla_target_days,
        joined.breach_at,
        case
            when joined.breach_at is null then null
            when coalesce(joined.first_resolved_at, joined.last_seen_at) > joined.breach_at then true
            when joined.first_resolved_at is not null then false
        end as is_breached,
        case
            when joined.first_resolved_at is not null
                then coalesce(joined.first_outcome_group, joined.outcome_group, 'unknown')
        end as first_outcome_group,
        coalesce(
            joined.approved_at,
            case
                when joined.approved_seen_at is not null or joined.outcome_group = 'claim_approved'
                    then {{ least_known('joined.approved_seen_at', 'joined.first_resolved_at') }}
            end
        ) as first_approved_at,
        joined.first_reopened_at,
        joined.history_is_complete or coalesce(joined.first_resolved_at > joined.first_seen_at, true)
            as is_watched,
        case
            when joined.history_is_complete then 0
            else {{ seconds_between('joined.created_at', 'joined.first_seen_at') }}
        end as watched_from_seconds
    from joined
    left join calendar as created_day on joined.created_day = created_day.date_day
    left join calendar as first_resolved_day on joined.first_resolved_day = first_resolved_day.date_day
    left join calendar as last_resolved_day on joined.last_resolved_day = last_resolved_day.date_day

)

select * from ticket_resolution
