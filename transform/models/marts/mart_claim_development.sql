-- One row per currency, month of creation and months since: what was paid by then, and what the
-- chain ladder expects. is_observed: the month is over, so that nothing more comes in that cell.
-- A factor rests on at least 30 claims. Tickets more than ten years old belong to the first month.

with

claims as (

    select * from {{ ref('fct_claim_payouts') }}
    where amount_status = 'paid' and payout_month is not null

),

as_of as (

    select {{ month_of('as_of') }} as this_month, {{ first_month('as_of') }} as first_month
    from {{ ref('stg_as_of') }}

),

paid as (

    select
        claims.currency,
        greatest(claims.created_month, as_of.first_month) as origin_month,
        {{ months_between(
            'greatest(claims.created_month, as_of.first_month)',
            'greatest(claims.payout_month, as_of.first_month)'
        ) }} as dev_month,
        count(*) as payouts,
        sum(claims.amount) as paid_amount
    from claims
    cross join as_of
    group by 1, 2, 3

),

extents as (

    select
        paid.currency,
        min(paid.origin_month) as first_month,
        max(as_of.this_month) as this_month,
        {{ months_between('min(paid.origin_month)', 'max(as_of.this_month)') }} as last_dev_month
    from paid
    cross join as_of
    group by paid.currency

),

origins as (

    select
        extents.currency,
        cast(series.month_start as date) as origin_month,
        extents.this_month,
        extents.last_dev_month
    from extents
    cross join lateral generate_series(
        cast(extents.first_month as timestamp), cast(extents.this_month as timestamp), interval '1 month'
    ) as series (month_start)

),

cells as (

    select
        origins.currency,
        origins.origin_month,
        cast(series.dev_month as integer) as dev_month,
        {{ months_between('origins.origin_month', 'origins.this_month') }} as months_begun
    from origins
    cross join lateral generate_series(0, origins.last_dev_month) as series (dev_month)

),

triangle as (

    select
        cells.currency,
        cells.origin_month,
        cells.dev_month,
        cells.dev_month < cells.months_begun as is_observed,
        cells.dev_month <= cells.months_begun as has_begun,
        coalesce(paid.payouts, 0) as payouts,
        coalesce(paid.paid_amount, 0) as paid_amount,
        sum(coalesce(paid.paid_amount, 0)) over (
            partition by cells.currency, cells.origin_month
            order by cells.dev_month
            rows unbounded preceding
        ) as cumulative,
        sum(coalesce(paid.payouts, 0)) over (
            partition by cells.currency, cells.origin_month
            order by cells.dev_month
            rows unbounded preceding
        ) as claims
    from cells
    left join paid
        on cells.currency = paid.currency
        and cells.origin_month = paid.origin_month
        and cells.dev_month = paid.dev_month

),

pairs as (

    select
        triangle.*,
        lag(cumulative) over in_order as cumulative_before,
        lag(claims) over in_order as claims_before
    from triangle
    window in_order as (partition by currency, origin_month order by dev_month)

),

-- nothing is projected from a column of fewer than 30 claims
factors as (

    select
        currency,
        dev_month,
        case
            when sum(claims_before) >= {{ few() }} then {{ ratio('sum(cumulative)', 'sum(cumulative_before)') }}
        end as factor
    from pairs
    where is_observed and dev_month > 0
    group by currency, dev_month

),

last_observed as (

    select
        currency,
        origin_month,
        max(dev_month) as dev_month,
        max(cumulative) as cumulative
    from triangle
    where is_observed
    group by currency, origin_month

),

growing as (

    select
        triangle.*,
        factors.factor,
        last_observed.cumulative as last_cumulative,
        count(last_observed.dev_month) over so_far
        - count(case when triangle.is_observed or factors.factor > 0 then 1 end) over so_far as unknown_factors,
        exp(sum(
            case when not triangle.is_observed and factors.factor > 0 then ln(factors.factor) else 0 end
        ) over so_far) as growth
    from triangle
    left join factors
        on triangle.currency = factors.currency and triangle.dev_month = factors.dev_month
    left join last_observed
        on triangle.currency = last_observed.currency
        and triangle.origin_month = last_observed.origin_month
    window so_far as (
        partition by triangle.currency, triangle.origin_month
        order by triangle.dev_month
        rows unbounded preceding
    )

),

claim_development as (

    select
        currency,
        origin_month,
        dev_month,
        is_observed,
        case when has_begun then payouts end as payouts,
        case when has_begun then cast(paid_amount as numeric(38, 4)) end as paid_amount,
        case when has_begun then cast(cumulative as numeric(38, 4)) end as cumulative_paid_amount,
        factor as development_factor,
        case
            when is_observed then cast(cumulative as double precision)
            when unknown_factors = 0 then cast(last_cumulative as double precision) * growth
        end as projected_amount
    from growing

)

select * from claim_development
