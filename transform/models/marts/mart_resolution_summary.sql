-- One row per segment: how long a resolution takes. What was not followed long enough is null.
-- naive_median_hours is the usual figure over resolved tickets only, kept to show how it misleads.
{% set in_order = 'partition by segment_type, segment order by hours' %}
{% set following = 'partition by segment_type, segment order by hours rows between 1 following and unbounded following' %}

{%- set horizons = [30, 60, 90] %}

with

survival as (

    select * from {{ ref('mart_resolution_survival') }}

),

tickets as (

    select
        resolution.*,
        {{ nearest_hours('duration_seconds') }} as hours,
        -- how long it could have been followed, resolved meanwhile or not
        cast(floor(
            {{ seconds_between('created_at', least_known('as_of.as_of', 'vanished_at')) }} / 86400.0
        ) as integer) as followable_days
    from {{ ref('fct_ticket_resolution') }} as resolution
    cross join {{ ref('stg_as_of') }} as as_of

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
steps as (

    select
        survival.*,
        lag(hours, 1, 0) over ({{ in_order }}) as hours_before,
        lag(survival, 1, cast(1 as double precision)) over ({{ in_order }}) as survival_before,
        case
            when n_event < n_risk
                then cast(n_event as double precision)
                    / (cast(n_risk as double precision) * (n_risk - n_event))
            else 0
        end as hazard_variance
    from survival

),

rectangles as (

    select
        segment_type,
        segment,
        hours,
        survival,
        hazard_variance,
        {% for days in horizons -%}
        (least(hours, {{ days * 24 }}) - least(hours_before, {{ days * 24 }})) * survival_before
            as area_{{ days }}{{ ',' if not loop.last }}
        {% endfor -%}
    from steps

),

areas as (

    select
        rectangles.*,
        {% for days in horizons -%}
        coalesce(sum(area_{{ days }}) over ({{ following }}), 0) as area_after_{{ days }}{{ ',' if not loop.last }}
        {% endfor -%}
    from rectangles

),

means as (

    select
        segment_type,
        segment,
        {% for days in horizons -%}
        {{ sum_in_order('area_' ~ days, 'hours') }} / 24 as rmst_{{ days }}d,
        {{ sum_in_order('case when hours <= ' ~ days * 24 ~ ' then area_after_' ~ days ~ ' * area_after_' ~ days ~ ' * hazard_variance else 0 end', 'hours') }} / 576 as told_variance_{{ days }},
        {% endfor -%}
        {% for days in [7, 14, 30, 60, 90] -%}
        1 - min(case when hours <= {{ days * 24 }} then survival else 1 end)
            as resolved_within_{{ days }}d{{ ',' if not loop.last }}
        {% endfor -%}
    from areas
    group by segment_type, segment

),

-- the few that stay open for months make a mean, and a small segment may have none of them yet: its error
-- is never below that of their share, two more of either kind added
erring as (

    select
        means.*,
        {% for days in horizons -%}
        sqrt(greatest(
            told_variance_{{ days }},
            {{ plus_four_variance('1 - resolved_within_' ~ days ~ 'd', 'counts.tickets') }}
            * power(coalesce(({{ days }} - rmst_{{ days }}d) / nullif(resolved_within_{{ days }}d, 0), {{ days }}), 2)
        )) as rmst_{{ days }}d_se{{ ',' if not loop.last }}
        {% endfor -%}
    from means
    inner join counts
        on means.segment_type = counts.segment_type and means.segment = counts.segment

),

-- the age up to which thirty could be followed. Whether they were resolved meanwhile must not matter: of a
-- small segment those who are still at risk at a great age are its slow ones.
ages as (

    select
        {{ summary_segment_type() }} as segment_type,
        {{ summary_segment() }} as segment,
        followable_days as days,
        count(*) as tickets
    from tickets
    group by grouping sets (
        (followable_days),
        (carrier, followable_days),
        (ticket_type, followable_days),
        (carrier, ticket_type, followable_days),
        (created_month, followable_days)
    )

),

followable as (

    select
        segment_type,
        segment,
        days,
        sum(tickets) over (partition by segment_type, segment order by days desc) as tickets
    from ages

),

followed as (

    select segment_type, segment, max(days) as days
    from followable
    where tickets >= {{ few() }}
    group by segment_type, segment

),

-- beyond its last ticket a curve is known only where that was resolved
by_segment as (

    select
        erring.segment_type as segment_type,
        erring.segment as segment,
        {% for days in [7, 14, 30] -%}
        case when {{ is_observed(days) }} then erring.resolved_within_{{ days }}d end
            as resolved_within_{{ days }}d,
        {% endfor -%}
        {% for days in horizons -%}
        case when {{ is_observed(days) }} then erring.rmst_{{ days }}d end as rmst_{{ days }}d,
        case when {{ is_observed(days) }} then erring.rmst_{{ days }}d_se end
            as rmst_{{ days }}d_se{{ ',' if not loop.last }}
        {% endfor -%}
    from erring
    inner join counts
        on erring.segment_type = counts.segment_type and erring.segment = counts.segment
    inner join followed
        on erring.segment_type = followed.segment_type and erring.segment = followed.segment

),

naive as (

    select
        {{ summary_segment_type() }} as segment_type,
        {{ summary_segment() }} as segment,
        {{ percentile('cast(hours as double precision)', 0.5) }} as median_hours
    from tickets
    where first_resolved_at is not null
    group by grouping sets ((), (carrier), (ticket_type), (carrier, ticket_type), (created_month))

),

-- every carrier with the account's mix of types, every type with its mix of carriers; cells that were
-- followed so long, or resolved to the last ticket before
mix as (

    select
        counts.carrier,
        counts.ticket_type,
        erring.rmst_60d as mean_days,
        erring.rmst_60d_se as mean_days_se
    from counts
    inner join erring on counts.segment_type = erring.segment_type and counts.segment = erring.segment
    where counts.segment_type = 'carrier_and_type'
        and (counts.observed_hours >= 60 * 24 or counts.last_survival = 0)

),

shares as (

    select segment_type, segment, tickets from counts where segment_type in ('carrier', 'ticket_type')

),

adjusted as (

    select
        'carrier' as segment_type,
        mix.carrier as segment,
        {{ sum_in_order('shares.tickets * mix.mean_days', 'shares.segment') }} / sum(shares.tickets) as mean_days,
        sqrt({{ sum_in_order('shares.tickets * shares.tickets * mix.mean_days_se * mix.mean_days_se', 'shares.segment') }})
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
        {{ sum_in_order('shares.tickets * mix.mean_days', 'shares.segment') }} / sum(shares.tickets) as mean_days,
        sqrt({{ sum_in_order('shares.tickets * shares.tickets * mix.mean_days_se * mix.mean_days_se', 'shares.segment') }})
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

watched as (

    select
        segment_type,
        segment,
        cast(sum(n_event + n_censored) as bigint) as tickets,
        min(case when survival <= 0.50 + {{ tolerance() }} then hours end) as median_hours,
        min(case when survival_lo <= 0.50 + {{ tolerance() }} then hours end) as median_hours_lo,
        min(case when survival_hi <= 0.50 + {{ tolerance() }} then hours end) as median_hours_hi
    from {{ ref('mart_watched_survival') }}
    group by segment_type, segment

),

totals as (

    select tickets from counts where segment_type = 'all'

),

resolution_summary as (

    select
        counts.segment_type as segment_type,
        counts.segment as segment,
        counts.carrier,
        counts.ticket_type,
        cast(counts.tickets as bigint) as tickets,
        cast(counts.resolved as bigint) as resolved,
        cast(counts.not_resolved as bigint) as not_resolved,
        counts.observed_hours / cast(24 as double precision) as observed_days,
        counts.median_hours as median_hours,
        counts.median_hours_lo as median_hours_lo,
        counts.median_hours_hi as median_hours_hi,
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
        case when {{ ratio('adjusted.weight', 'totals.tickets') }} >= 0.9 then adjusted.mean_days end
            as mix_adjusted_rmst_60d,
        case when {{ ratio('adjusted.weight', 'totals.tickets') }} >= 0.9 then adjusted.mean_days_se end
            as mix_adjusted_rmst_60d_se,
        {{ ratio('adjusted.weight', 'totals.tickets') }} as mix_coverage,
        log_rank.observed as log_rank_observed,
        log_rank.expected as log_rank_expected,
        log_rank.chi2 as log_rank_chi2,
        cast(followed.days as double precision) as followed_days,
        counts.tickets < {{ few() }} as is_small,
        watched.tickets as watched_tickets,
        watched.median_hours as watched_median_hours,
        watched.median_hours_lo as watched_median_hours_lo,
        watched.median_hours_hi as watched_median_hours_hi
    from counts
    cross join totals
    left join by_segment
        on counts.segment_type = by_segment.segment_type and counts.segment = by_segment.segment
    left join followed
        on counts.segment_type = followed.segment_type and counts.segment = followed.segment
    left join naive on counts.segment_type = naive.segment_type and counts.segment = naive.segment
    left join adjusted
        on counts.segment_type = adjusted.segment_type and counts.segment = adjusted.segment
    left join watched
        on counts.segment_type = watched.segment_type and counts.segment = watched.segment
    left join log_rank
        on counts.segment_type = log_rank.segment_type and counts.segment = log_rank.segment

)

select * from resolution_summary
