-- One row per period and segment: this month and quarter, beside the ones before up to the same moment in
-- them. What came and went, how claims were decided, and how long tickets created in the period take,
-- open ones counted as far as they were followed. Holds no money; see mart_period_payouts.

with

as_of as (

    select as_of, data_seen_since from {{ ref('stg_as_of') }}

),

{{ comparable_periods() }},

tickets as (

    select
        ticket_id,
        carrier,
        ticket_type,
        created_at,
        vanished_at,
        is_resolved,
        first_resolved_at is not null as is_event,
        {{ nearest_hours('duration_seconds') }} as hours
    from {{ ref('fct_ticket_resolution') }}

),

claims as (

    select * from {{ ref('fct_claim_payouts') }}

),

ends as (

    select open_spans.*, tickets.carrier, tickets.ticket_type
    from {{ ref('int_open_spans') }} as open_spans
    inner join tickets on open_spans.ticket_id = tickets.ticket_id
    where open_spans.ends_run or (open_spans.starts_run and open_spans.run_no > 1)

),

-- one row per event that counts
moments as (

    select
        created_at as happened_at, carrier, ticket_type,
        1 as opened, 0 as reopened, 0 as closed, 0 as vanished,
        0 as claims, 0 as decided, 0 as approved, 0 as approved_marked_paid
    from tickets

    union all

    select vanished_at, carrier, ticket_type, 0, 0, 0, 1, 0, 0, 0, 0
    from tickets
    where vanished_at is not null and not is_resolved

    union all

    select starts_at, carrier, ticket_type, 0, 1, 0, 0, 0, 0, 0, 0
    from ends
    where starts_run and run_no > 1

    union all

    select ends_at, carrier, ticket_type, 0, 0, 1, 0, 0, 0, 0, 0
    from ends
    where ends_run

    union all

    select
        solved_at, carrier, ticket_type, 0, 0, 0, 0,
        1,
        case when is_decided then 1 else 0 end,
        case when is_approved then 1 else 0 end,
        case when is_approved and is_claim_paid_status then 1 else 0 end
    from claims

),

counted as (

    select
        periods.period_type,
        periods.period,
        case
            when grouping(moments.carrier) = 0 then 'carrier'
            when grouping(moments.ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        coalesce(moments.carrier, moments.ticket_type, 'all') as segment,
        {% for column in [
            'opened', 'reopened', 'closed', 'vanished', 'claims', 'decided', 'approved', 'approved_marked_paid'
        ] -%}
        cast(sum(moments.{{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from moments
    inner join periods
        on moments.happened_at >= periods.from_moment and moments.happened_at < periods.before_moment
    group by grouping sets (
        (periods.period_type, periods.period),
        (periods.period_type, periods.period, moments.carrier),
        (periods.period_type, periods.period, moments.ticket_type)
    )

),

-- whatever had an event in either period is told in both, and the account always
segments as (

    select distinct period_type, segment_type, segment from counted

    union distinct

    select period_type, 'all', 'all' from periods

),

lives as (

    select
        periods.period_type as segment_type,
        periods.period as segment,
        0 as entry_age,
        tickets.hours as exit_age,
        tickets.is_event
    from tickets
    inner join periods
        on tickets.created_at >= periods.from_moment and tickets.created_at < periods.before_moment

),

{{ late_entry_curves() }},

-- a quantile is told up to the age at which ten are still at risk
medians as (

    select
        segment_type as period_type,
        segment as period,
        min(case when survival <= 0.50 + {{ tolerance() }} then age end) as median_hours,
        min(case when survival_lo <= 0.50 + {{ tolerance() }} then age end) as median_hours_lo,
        min(case when survival_hi <= 0.50 + {{ tolerance() }} then age end) as median_hours_hi
    from curves
    where n_risk >= {{ enough_at_risk() }}
    group by segment_type, segment

),

told as (

    select
        {{ columns_of('periods', ['period_type', 'period']) }},
        segments.segment_type as segment_type,
        segments.segment as segment,
        {% for column in [
            'opened', 'reopened', 'closed', 'vanished', 'claims', 'decided', 'approved', 'approved_marked_paid'
        ] -%}
        coalesce(counted.{{ column }}, 0) as {{ column }},
        {% endfor -%}
        medians.median_hours,
        medians.median_hours_lo,
        medians.median_hours_hi
    from segments
    inner join periods on segments.period_type = periods.period_type
    left join counted
        on periods.period_type = counted.period_type
        and periods.period = counted.period
        and segments.segment_type = counted.segment_type
        and segments.segment = counted.segment
    left join medians
        on segments.segment_type = 'all'
        and periods.period_type = medians.period_type
        and periods.period = medians.period

),

period_comparison as (

    select
        told.period_type,
        told.period,
        told.period_start,
        told.from_moment,
        told.until_moment,
        told.is_complete,
        told.segment_type,
        told.segment,
        told.opened,
        told.reopened,
        told.closed,
        told.vanished,
        told.opened + told.reopened - told.closed - told.vanished as net,
        {{ ratio('told.closed', '(told.opened + told.reopened)') }} as closing_ratio,
        told.claims,
        told.decided,
        told.approved,
        told.approved_marked_paid,
        {{ ratio('told.approved', 'told.decided') }} as approval_rate,
        {{ wilson('told.approved', 'told.decided', '-') }} as approval_rate_lo,
        {{ wilson('told.approved', 'told.decided', '+') }} as approval_rate_hi,
        told.decided < {{ few() }} as is_rate_small,
        told.median_hours,
        told.median_hours_lo,
        told.median_hours_hi,
        told.opened < {{ few() }} as is_small,
        coalesce(told.from_moment >= as_of.data_seen_since, false) as is_watched,
        '{{ var("finance_timezone") }}' as time_zone
    from told
    cross join as_of

)

select * from period_comparison
