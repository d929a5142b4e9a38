-- One row per month of creation and carrier with targets in seeds/sla_targets.csv: how many tickets were
-- resolved within their target, of those of which that is decided. Open tickets whose target is not over are
-- counted apart, and bound what the month can still come to.

with

tickets as (

    select * from {{ ref('fct_ticket_resolution') }} where breach_at is not null

),

counted as (

    select
        created_month,
        carrier,
        count(*) as tickets,
        sum(case when is_breached then 0 when is_breached is null then 0 else 1 end) as met,
        sum(case when is_breached then 1 else 0 end) as missed,
        sum(case when is_breached is null and is_open then 1 else 0 end) as not_due,
        sum(case when is_breached is null and not is_open then 1 else 0 end) as lost_sight
    from tickets
    group by created_month, carrier

),

target_attainment as (

    select
        created_month,
        carrier,
        tickets,
        cast(met as bigint) as met,
        cast(missed as bigint) as missed,
        cast(not_due as bigint) as not_due,
        cast(lost_sight as bigint) as lost_sight,
        {{ ratio('met', '(met + missed)') }} as attainment,
        {{ wilson('met', '(met + missed)', '-') }} as attainment_lo,
        {{ wilson('met', '(met + missed)', '+') }} as attainment_hi,
        {{ ratio('met', '(met + missed + not_due)') }} as attainment_at_least,
        {{ ratio('(met + not_due)', '(met + missed + not_due)') }} as attainment_at_most,
        not_due = 0 as is_complete,
        met + missed < {{ few() }} as is_small,
        '{{ var("finance_timezone") }}' as time_zone
    from counted

)

select * from target_attainment
