-- One row per segment and hour of age at which a ticket was resolved or last seen.
-- Kaplan-Meier: the probability of not being resolved at that age, with 95 % log-log bounds.
{% set so_far = 'partition by segment_type, segment order by hours rows unbounded preceding' %}

with

exits as (

    select * from {{ ref('int_resolution_exits') }}

),

events as (

    select
        segment_type,
        segment,
        carrier,
        ticket_type,
        hours,
        sum(case when outcome_group is not null then tickets else 0 end) as n_event,
        sum(case when outcome_group is null then tickets else 0 end) as n_censored
    from exits
    group by segment_type, segment, carrier, ticket_type, hours

),

at_risk as (

    select
        events.*,
        sum(n_event + n_censored) over (
            partition by segment_type, segment
            order by hours rows between current row and unbounded following
        ) as n_risk
    from events

),

products as (

    select
        at_risk.*,
        sum(
            case
                when n_event = 0 then 0
                when n_event < n_risk then ln(1.0 - {{ ratio('n_event', 'n_risk') }})
            end
        ) over ({{ so_far }}) as log_survival,
        sum(
            case
                when n_event < n_risk
                    then cast(n_event as double precision)
                        / (cast(n_risk as double precision) * (n_risk - n_event))
            end
        ) over ({{ so_far }}) as greenwood,
        max(case when n_event = n_risk then 1 else 0 end) over ({{ so_far }}) as is_exhausted
    from at_risk

),

survival as (

    select
        segment_type,
        segment,
        carrier,
        ticket_type,
        hours,
        cast(n_risk as bigint) as n_risk,
        cast(n_event as bigint) as n_event,
        cast(n_censored as bigint) as n_censored,
        case when is_exhausted = 1 then 0 else exp(log_survival) end as survival,
        case
            when is_exhausted = 0 then {{ log_log_bound('log_survival', 'greenwood', '+') }}
        end as survival_lo,
        case
            when is_exhausted = 0 then {{ log_log_bound('log_survival', 'greenwood', '-') }}
        end as survival_hi
    from products

)

select * from survival
