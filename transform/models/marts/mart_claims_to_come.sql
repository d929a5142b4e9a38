-- One row per currency: what is still to come, by two ways side by side, each with a 95 % range. By open
-- tickets: chance times amount of each. By the chain ladder: what months that are over still bring, as
-- earlier months did, less what they brought since; its error is Mack's.
{% set in_order = 'partition by currency, origin_month order by dev_month' %}

with

development as (

    select * from {{ ref('mart_claim_development') }}

),

exposure as (

    select * from {{ ref('mart_claim_exposure') }} where segment_type = 'all'

),

currencies as (

    select currency from exposure
    union distinct
    select currency from development

),

cells as (

    select
        development.*,
        {{ value_before('projected_amount') }} over ({{ in_order }}) as projected_before,
        {{ value_before('is_observed') }} over ({{ in_order }}) as is_before_observed
    from development

),

-- Mack's variance of each column's growth, from months whose growth was seen
columns as (

    select
        currency,
        dev_month,
        max(development_factor) as factor,
        {{ sum_in_order('projected_before', 'origin_month') }} as base_amount,
        count(*) as months,
        {{ sum_in_order('projected_before * power(projected_amount / projected_before - development_factor, 2)', 'origin_month') }} / nullif(count(*) - 1, 0) as told_sigma2
    from cells
    where is_observed and dev_month > 0 and projected_before > 0
    group by currency, dev_month

),

-- the last column has one month alone: the smallest of what the columns before it lead to
sigmas as (

    select
        columns.*,
        coalesce(told_sigma2, {{ least_known(
            'before_1 * before_1 / nullif(before_2, 0)', 'before_1', 'before_2'
        ) }}, 0) as sigma2
    from (
        select
            columns.*,
            lag(told_sigma2, 1) over (partition by currency order by dev_month) as before_1,
            lag(told_sigma2, 2) over (partition by currency order by dev_month) as before_2
        from columns
    ) as columns

),

-- months grow up to the last column before the first that too few claims stand behind
last_columns as (

    select
        currency,
        coalesce(
            min(case when dev_month > 0 and development_factor is null then dev_month end) - 1,
            max(dev_month)
        ) as dev_month
    from development
    group by currency

),

observed as (

    select
        currency,
        origin_month,
        max(case when is_observed then dev_month end) as observed_dev_month,
        max(cumulative_paid_amount) as paid_amount
    from development
    group by currency, origin_month

),

origins as (

    select
        observed.currency as currency,
        observed.origin_month as origin_month,
        observed.observed_dev_month,
        observed.paid_amount as paid_amount,
        case when last_columns.dev_month > 0 then development.projected_amount end as ultimate
    from observed
    inner join last_columns on observed.currency = last_columns.currency
    left join development
        on observed.currency = development.currency
        and observed.origin_month = development.origin_month
        and development.dev_month = {{ greatest_known('observed.observed_dev_month', 'last_columns.dev_month') }}

),

-- each step that a month has still to take
steps as (

    select
        cells.currency as currency,
        cells.origin_month as origin_month,
        cells.dev_month as dev_month,
        origins.ultimate,
        cells.projected_before,
        sigmas.sigma2 / (sigmas.factor * sigmas.factor) as relative_sigma2,
        sigmas.base_amount
    from cells
    inner join origins on cells.currency = origins.currency and cells.origin_month = origins.origin_month
    inner join sigmas on cells.currency = sigmas.currency and cells.dev_month = sigmas.dev_month
    inner join last_columns on cells.currency = last_columns.currency
    where cells.dev_month > origins.observed_dev_month
        and cells.dev_month <= last_columns.dev_month
        and origins.ultimate is not null
        and cells.projected_before > 0
        and sigmas.factor > 0

),

by_column as (

    select
        currency,
        dev_month,
        {{ sum_in_order('ultimate * ultimate * relative_sigma2 / projected_before', 'origin_month') }} as process,
        max(relative_sigma2 / base_amount) * power({{ sum_in_order('ultimate', 'origin_month') }}, 2) as parameters
    from steps
    group by currency, dev_month

),

errors as (

    select currency, sqrt({{ sum_in_order('process + parameters', 'dev_month') }}) as amount_se
    from by_column
    group by currency

),

ladder as (

    select
        currency,
        sum(case when ultimate is not null then 1 else 0 end) as months,
        sum(case when ultimate is null then 1 else 0 end) as months_not_projected,
        {{ sum_in_order('case when ultimate is not null then greatest(0, ultimate - cast(paid_amount as double precision)) end', 'origin_month') }} as amount
    from origins
    where observed_dev_month is not null
    group by currency

),

ranged as (

    select
        ladder.*,
        coalesce(errors.amount_se, 0) as amount_se,
        -- that of a gamma distribution
        coalesce(2 * errors.amount_se / nullif(ladder.amount, 0), 0) as skew
    from ladder
    left join errors on ladder.currency = errors.currency
    where ladder.amount is not null

),

told as (

    select
        currencies.currency as currency,
        exposure.expected_payout_amount as open_tickets_amount,
        exposure.expected_payout_amount_lo as open_tickets_amount_lo,
        exposure.expected_payout_amount_hi as open_tickets_amount_hi,
        ranged.amount as ladder_amount,
        ranged.amount_se as ladder_amount_se,
        case
            when ranged.amount > 0
                then greatest(0, ranged.amount + ranged.amount_se * ({{ skewed_quantile('ranged.skew', '-') }}))
            else ranged.amount
        end as ladder_amount_lo,
        case
            when ranged.amount > 0
                then ranged.amount + ranged.amount_se * ({{ skewed_quantile('ranged.skew', '+') }})
            else ranged.amount
        end as ladder_amount_hi,
        cast(coalesce(ladder.months, 0) as bigint) as ladder_months,
        cast(coalesce(ladder.months_not_projected, 0) as bigint) as ladder_months_not_projected
    from currencies
    left join exposure on currencies.currency = exposure.currency
    left join ladder on currencies.currency = ladder.currency
    left join ranged on currencies.currency = ranged.currency

),

claims_to_come as (

    select
        told.*,
        open_tickets_amount_lo <= ladder_amount_hi and ladder_amount_lo <= open_tickets_amount_hi
            as do_ranges_meet
    from told

)

select * from claims_to_come
