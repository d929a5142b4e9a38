-- One row per ticket that ended as a claim, or has an amount. Money stands beside its currency.
-- A null amount, an amount of 0 and a ticket to which nothing is due are three things.

with

tickets as (

    select * from {{ ref('stg_tickets') }}

),

resolutions as (

    select * from {{ ref('fct_ticket_resolution') }}

),

maturity as (

    select * from {{ ref('int_maturity') }}

),

fx_rates as (

    select * from {{ ref('fx_rates') }}

),

rates as (

    select
        rate_date,
        upper(currency) as currency,
        per_eur,
        {{ value_after('rate_date') }} over (partition by upper(currency) order by rate_date) as next_rate_date
    from fx_rates

    union all

    select
        rate_date,
        'EUR' as currency,
        1 as per_eur,
        {{ value_after('rate_date') }} over (order by rate_date) as next_rate_date
    from (select distinct rate_date from fx_rates where upper(currency) <> 'EUR') as days

),

claims as (

    select
        tickets.ticket_id,
        tickets.order_number,
        tickets.parcel_id,
        tickets.brand_id,
        tickets.carrier,
        tickets.ticket_type,
        tickets.status,
        tickets.outcome,
        coalesce(tickets.outcome_group, 'unknown') as outcome_group,
        tickets.outcome_group in ('claim_approved', 'claim_declined') as is_decided,
        coalesce(tickets.outcome_group = 'claim_approved', false) as is_approved,
        tickets.created_at,
        coalesce(
            tickets.solved_at,
            resolutions.resolved_at,
            resolutions.last_resolved_at,
            {{ greatest_known('tickets.resolution_seen_at', 'tickets.created_at') }}
        ) as solved_at,
        tickets.amount,
        case
            when tickets.amount is not null or tickets.currency is not null
                then coalesce(tickets.currency, '(none)')
            else '(none)'
        end as currency,
        tickets.status = 'claim_paid' as is_claim_paid_status
    from tickets
    inner join resolutions on tickets.ticket_id = resolutions.ticket_id
    where tickets.has_claim_outcome or tickets.amount is not null

),

-- the reporting currency's rate on the day of each claim
reporting as (

    select
        claims.ticket_id,
        rates.rate_date as reporting_rate_date,
        rates.per_eur as reporting_per_eur
    from claims
    inner join rates
        on {{ day_of('claims.solved_at') }} >= rates.rate_date
        and ({{ day_of('claims.solved_at') }} < rates.next_rate_date or rates.next_rate_date is null)
    where rates.currency = '{{ var("reporting_currency") }}'

),

converted as (

    select
        {{ columns_of('claims', ['ticket_id', 'currency']) }},
        {{ day_of('claims.solved_at') }} as solved_day,
        rates.rate_date as rate_date,
        rates.per_eur as per_eur,
        reporting.reporting_per_eur,
        case
            when rates.rate_date is not null and reporting.reporting_rate_date is not null
                then {{ least_known('rates.rate_date', 'reporting.reporting_rate_date') }}
        end as fx_rate_date
    from claims
    left join rates
        on claims.currency = rates.currency
        and {{ day_of('claims.solved_at') }} >= rates.rate_date
        and ({{ day_of('claims.solved_at') }} < rates.next_rate_date or rates.next_rate_date is null)
    left join reporting on claims.ticket_id = reporting.ticket_id

),

claim_payouts as (

    select
        converted.ticket_id,
        converted.order_number,
        converted.parcel_id,
        converted.brand_id,
        converted.carrier,
        converted.ticket_type,
        converted.outcome,
        converted.outcome_group,
        converted.is_decided,
        converted.is_approved,
        converted.created_at,
        {{ month_of('converted.created_at') }} as created_month,
        converted.solved_at,
        {{ month_of('converted.solved_at') }} as payout_month,
        {{ minutes_between('converted.created_at', 'converted.solved_at') }} as payout_lag_minutes,
        cast(converted.amount as numeric(18, 4)) as amount,
        converted.currency,
        case
            when not converted.is_approved and converted.amount <> 0 then 'on_other_outcome'
            when not converted.is_approved then 'not_due'
            when converted.amount is null then 'missing'
            when converted.amount = 0 then 'zero'
            else 'paid'
        end as amount_status,
        converted.is_claim_paid_status,
        case when {{ fresh_rate() }} then converted.fx_rate_date end as fx_rate_date,
        case
            when {{ fresh_rate() }}
                then {{ ratio('converted.reporting_per_eur', 'converted.per_eur') }}
        end as fx_rate,
        case
            when {{ fresh_rate() }}
                then cast(
                    round(converted.amount * converted.reporting_per_eur / converted.per_eur, 4)
                    as numeric(38, 4)
                )
        end as amount_reporting,
        case when {{ fresh_rate() }} then '{{ var("reporting_currency") }}' end as reporting_currency,
        coalesce(converted.created_at <= maturity.created_until, false) as is_mature
    from converted
    cross join maturity

)

select * from claim_payouts
