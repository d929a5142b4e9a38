-- One row per currency, month of creation and months since: what was paid by then, and what the
-- chain ladder expects. is_observed: the month is over, so that nothing more comes in that cell.
-- A factor rests on at least 30 claims. Tickets more than ten years old belong to the first month.
{% set in_order = 'partition by currency, origin_month order by dev_month' %}
{% set so_far = 'partition by triangle.currency, triangle.origin_month order by triangle.dev_month rows unbounded preceding' %}

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
        {{ greatest_known('claims.created_month', 'as_of.first_month') }} as origin_month,
        {{ months_between(
            greatest_known('claims.created_month', 'as_of.first_month'),
            greatest_known('claims.payout_month', 'as_of.first_month')
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
        {{ plus_months('extents.first_month', series_number()) }} as origin_month,
        extents.this_month,
        extents.last_dev_month
    from extents
    {{ cross_join_numbers('extents.last_dev_month') }}

),

cells as (

    select
        origins.currency,
        origins.origin_month,
        cast({{ series_number() }} as integer) as dev_month,
        {{ months_between('origins.origin_month', 'origins.this_month') }} as months_begun
    from origins
    {{ cross_join_numbers('origins.last_dev_month') }}

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
        {{ value_before('cumulative') }} over ({{ in_order }}) as cumulative_before,
        {{ value_before('claims') }} over ({{ in_order }}) as claims_before
    from triangle

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
        {{ columns_of('triangle', ['currency', 'origin_month', 'dev_month', 'cumulative']) }},
        factors.factor,
        last_observed.cumulative as last_cumulative,
        count(last_observed.dev_month) over ({{ so_far }})
        - count(case when triangle.is_observed or factors.factor > 0 then 1 end) over ({{ so_far }}) as unknown_factors,
        exp(sum(
            case when not triangle.is_observed and factors.factor > 0 then ln(factors.factor) else 0 end
        ) over ({{ so_far }})) as growth
    from triangle
    left join factors
        on triangle.currency = factors.currency and triangle.dev_month = factors.dev_month
    left join last_observed
        on triangle.currency = last_observed.currency
        and triangle.origin_month = last_observed.origin_month

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
