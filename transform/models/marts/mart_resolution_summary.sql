-- One row per segment: how long a resolution takes. What was not observed long enough is null.
-- naive_median_hours is the usual figure over resolved tickets only, kept to show how it misleads.

with

survival as (

    select * from {{ ref('mart_resolution_survival') }}

),

tickets as (

    select
        *,
        {{ nearest_hours('duration_seconds') }} as hours
    from {{ ref('fct_ticket_resolution') }}

),

horizons as (

    select 7 as days union all select 14 union all select 30 union all select 60 union all select 90

),

counts as (

    select
        segment_type,
        segment,
        max(carrier) as carrier,
        max(ticket_type) as ticket_type,
        sum(n_event + n_censored) as tickets,
        sum(n_event) as resolved,
        sum(n_censored) as not_resolved,
        max(hours) as observed_hours,
        min(survival) as last_survival,
        min(case when survival <= 0.50 + {{ tolerance() }} then hours end) as median_hours,
        min(case when survival_lo <= 0.50 + {{ tolerance() }} then hours end) as median_hours_lo,
        min(case when survival_hi <= 0.50 + {{ tolerance() }} then hours end) as median_hours_hi,
        min(case when survival <= 0.25 + {{ tolerance() }} then hours end) as p75_hours,
        min(case when survival_lo <= 0.25 + {{ tolerance() }} then hours end) as p75_hours_lo,
        min(case when survival_hi <= 0.25 + {{ tolerance() }} then hours end) as p75_hours_hi,
        min(case when survival <= 0.10 + {{ tolerance() }} then hours end) as p90_hours,
        min(case when survival_lo <= 0.10 + {{ tolerance() }} then hours end) as p90_hours_lo,
        min(case when survival_hi <= 0.10 + {{ tolerance() }} then hours end) as p90_hours_hi
    from survival
    group by segment_type, segment

),

-- the curve as rectangles: each row closes the one since the row before
rectangles as (

    select
        survival.segment_type,
        survival.segment,
        horizons.days,
        survival.hours,
        survival.survival,
        survival.n_event,
        survival.n_risk,
        (
            least(survival.hours, horizons.days * 24)
            - least(lag(survival.hours, 1, 0) over in_order, horizons.days * 24)
        ) * lag(survival.survival, 1, cast(1 as double precision)) over in_order as area
    from survival
    cross join horizons
    window in_order as (
        partition by survival.segment_type, survival.segment, horizons.days order by survival.hours
    )

),

areas as (

    select
        rectangles.*,
        sum(area) over (
            partition by segment_type, segment, days
            order by hours
            rows between 1 following and unbounded following
        ) as area_after
    from rectangles

),

by_horizon as (

    select
        areas.segment_type,
        areas.segment,
        areas.days,
        sum(areas.area) / 24 as mean_days,
        sqrt(sum(
            case
                when areas.hours <= areas.days * 24 and areas.n_event < areas.n_risk
                    then coalesce(areas.area_after, 0) * coalesce(areas.area_after, 0)
                        * areas.n_event
                        / (cast(areas.n_risk as double precision) * (areas.n_risk - areas.n_event))
                else 0
            end
        )) / 24 as mean_days_se,
        1 - min(case when areas.hours <= areas.days * 24 then areas.survival else 1 end) as resolved_share
    from areas
    group by areas.segment_type, areas.segment, areas.days

),

-- only what was observed up to the horizon, or had been resolved to the last ticket before
observed as (

    select
        by_horizon.*
    from by_horizon
    inner join counts
        on by_horizon.segment_type = counts.segment_type and by_horizon.segment = counts.segment
    where counts.observed_hours >= by_horizon.days * 24 or counts.last_survival = 0

),

by_segment as (

    select
        segment_type,
        segment,
        max(case when days = 7 then resolved_share end) as resolved_within_7d,
        max(case when days = 14 then resolved_share end) as resolved_within_14d,
        max(case when days = 30 then resolved_share end) as resolved_within_30d,
        max(case when days = 30 then mean_days end) as rmst_30d,
        max(case when days = 30 then mean_days_se end) as rmst_30d_se,
        max(case when days = 60 then mean_days end) as rmst_60d,
        max(case when days = 60 then mean_days_se end) as rmst_60d_se,
        max(case when days = 90 then mean_days end) as rmst_90d,
        max(case when days = 90 then mean_days_se end) as rmst_90d_se
    from observed
    group by segment_type, segment

),

naive as (

    select
        case
            when grouping(created_month) = 0 then 'created_month'
            when grouping(carrier) = 0 and grouping(ticket_type) = 0 then 'carrier_and_type'
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        case
            when grouping(created_month) = 0 then substring(cast(created_month as text) from 1 for 7)
            when grouping(carrier) = 0 and grouping(ticket_type) = 0 then carrier || ' / ' || ticket_type
            when grouping(carrier) = 0 then carrier
            when grouping(ticket_type) = 0 then ticket_type
            else 'all'
        end as segment,
        percentile_cont(0.5) within group (order by cast(hours as double precision)) as median_hours
    from tickets
    where first_resolved_at is not null
    group by grouping sets ((), (carrier), (ticket_type), (carrier, ticket_type), (created_month))

),

-- every carrier with the account's mix of types, every type with its mix of carriers
mix as (

    select
        cells.carrier,
        cells.ticket_type,
        cells.tickets,
        observed.mean_days,
        observed.mean_days_se
    from counts as cells
    inner join observed
        on cells.segment_type = observed.segment_type and cells.segment = observed.segment
    where cells.segment_type = 'carrier_and_type' and observed.days = 60

),

shares as (

    select segment_type, segment, tickets from counts where segment_type in ('carrier', 'ticket_type')

),

adjusted as (

    select
        'carrier' as segment_type,
        mix.carrier as segment,
        sum(shares.tickets * mix.mean_days) / sum(shares.tickets) as mean_days,
        sqrt(sum(shares.tickets * shares.tickets * mix.mean_days_se * mix.mean_days_se))
        / sum(shares.tickets) as mean_days_se,
        sum(shares.tickets) as weight
    from mix
    inner join shares
        on shares.segment_type = 'ticket_type' and mix.ticket_type = shares.segment
    group by mix.carrier

    union all

    select
        'ticket_type' as segment_type,
        mix.ticket_type as segment,
        sum(shares.tickets * mix.mean_days) / sum(shares.tickets) as mean_days,
        sqrt(sum(shares.tickets * shares.tickets * mix.mean_days_se * mix.mean_days_se))
        / sum(shares.tickets) as mean_days_se,
        sum(shares.tickets) as weight
    from mix
    inner join shares
        on shares.segment_type = 'carrier' and mix.carrier = shares.segment
    group by mix.ticket_type

),

log_rank as (

    select * from {{ ref('int_log_rank') }}

),

totals as (

    select tickets from counts where segment_type = 'all'

),

resolution_summary as (

    select
        counts.segment_type,
        counts.segment,
        counts.carrier,
        counts.ticket_type,
        cast(counts.tickets as bigint) as tickets,
        cast(counts.resolved as bigint) as resolved,
        cast(counts.not_resolved as bigint) as not_resolved,
        counts.observed_hours / cast(24 as double precision) as observed_days,
        counts.median_hours,
        counts.median_hours_lo,
        counts.median_hours_hi,
        counts.p75_hours,
        counts.p75_hours_lo,
        counts.p75_hours_hi,
        counts.p90_hours,
        counts.p90_hours_lo,
        counts.p90_hours_hi,
        naive.median_hours as naive_median_hours,
        by_segment.resolved_within_7d,
        by_segment.resolved_within_14d,
        by_segment.resolved_within_30d,
        by_segment.rmst_30d,
        by_segment.rmst_30d_se,
        by_segment.rmst_60d,
        by_segment.rmst_60d_se,
        by_segment.rmst_90d,
        by_segment.rmst_90d_se,
        adjusted.mean_days as mix_adjusted_rmst_60d,
        adjusted.mean_days_se as mix_adjusted_rmst_60d_se,
        {{ ratio('adjusted.weight', 'totals.tickets') }} as mix_coverage,
        log_rank.observed as log_rank_observed,
        log_rank.expected as log_rank_expected,
        log_rank.chi2 as log_rank_chi2
    from counts
    cross join totals
    left join by_segment
        on counts.segment_type = by_segment.segment_type and counts.segment = by_segment.segment
    left join naive on counts.segment_type = naive.segment_type and counts.segment = naive.segment
    left join adjusted
        on counts.segment_type = adjusted.segment_type and counts.segment = adjusted.segment
    left join log_rank
        on counts.segment_type = log_rank.segment_type and counts.segment = log_rank.segment

)

select * from resolution_summary
