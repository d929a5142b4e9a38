-- One row per segment and currency: what a ticket brings, the chance that it is approved in the currency times
-- the mean amount then. Over tickets old enough to be decided, whatever they ended as. Where fewer than
-- thirty stand behind it nothing is told. The adjusted value gives every carrier the account's mix of types.

with

maturity as (

    select * from {{ ref('int_maturity') }}

),

tickets as (

    select tickets.carrier, tickets.ticket_type
    from {{ ref('fct_ticket_resolution') }} as tickets
    cross join maturity
    where tickets.created_at <= maturity.created_until

),

claims as (

    select
        ticket_id,
        carrier,
        ticket_type,
        currency,
        is_mature,
        case when currency <> '(none)' then cast(coalesce(amount, 0) as double precision) end as amount
    from {{ ref('fct_claim_payouts') }}
    where is_approved

),

grouped as (

    select
        {{ value_segment_type() }} as segment_type,
        {{ value_segment() }} as segment,
        carrier,
        ticket_type,
        count(*) as tickets
    from tickets
    group by grouping sets ((), (carrier), (ticket_type), (carrier, ticket_type))

),

approvals as (

    select
        {{ value_segment_type() }} as segment_type,
        {{ value_segment() }} as segment,
        currency,
        sum(case when is_mature then 1 else 0 end) as approved,
        count(*) as claims,
        {{ sum_in_order('amount', 'ticket_id') }} / count(*) as mean_amount,
        {{ sum_in_order('amount * amount', 'ticket_id') }} / count(*) as mean_square
    from claims
    group by grouping sets (
        (currency), (carrier, currency), (ticket_type, currency), (carrier, ticket_type, currency)
    )

),

-- a cell has its carrier's currencies, and the mean amount of its type, of whatever carrier; where nothing of
-- its type was approved in the currency, that of all types
segments as (

    select
        grouped.*,
        case segment_type when 'carrier_and_type' then 'carrier' else segment_type end as currency_type,
        case segment_type when 'carrier_and_type' then carrier else segment end as currency_segment,
        case segment_type when 'carrier_and_type' then 'ticket_type' else segment_type end as mean_type,
        case segment_type when 'carrier_and_type' then ticket_type else segment end as mean_segment
    from grouped
    where tickets > 0

),

chances as (

    select
        segments.segment_type as segment_type,
        segments.segment as segment,
        segments.carrier,
        segments.ticket_type,
        segments.tickets,
        currencies.currency as currency,
        coalesce(approvals.approved, 0) as approved,
        coalesce(means.claims, overall.claims) as amount_claims,
        coalesce(means.mean_amount, overall.mean_amount) as mean_amount,
        coalesce(means.mean_square, overall.mean_square) as mean_square,
        overall.mean_amount as overall_mean,
        overall.mean_square as overall_mean_square
    from segments
    inner join approvals as currencies
        on segments.currency_type = currencies.segment_type and segments.currency_segment = currencies.segment
    left join approvals
        on segments.segment_type = approvals.segment_type
        and segments.segment = approvals.segment
        and currencies.currency = approvals.currency
    left join approvals as means
        on segments.mean_type = means.segment_type
        and segments.mean_segment = means.segment
        and currencies.currency = means.currency
    left join approvals as overall
        on overall.segment_type = 'all' and currencies.currency = overall.currency

),

-- amounts are taken to differ at least as all of the account do: a few claims without a large one look alike
erring as (

    select
        chances.*,
        sqrt({{ greatest_known(
            relative_variance('mean_square', 'mean_amount'),
            relative_variance('overall_mean_square', 'overall_mean')
        ) }} / amount_claims) as mean_relative_se
    from chances

),

bounded as (

    select
        erring.*,
        {{ ratio('approved', 'tickets') }} as chance,
        {{ wilson('approved', 'tickets', '-') }} as chance_lo,
        {{ wilson('approved', 'tickets', '+') }} as chance_hi,
        mean_amount * exp(-{{ z95() }} * coalesce(mean_relative_se, 0)) as mean_lo,
        mean_amount * exp({{ z95() }} * coalesce(mean_relative_se, 0)) as mean_hi,
        tickets < {{ few() }} or amount_claims < {{ few() }} as is_small
    from erring

),

-- MOVER for a product: as far below as both factors may be
valued as (

    select
        bounded.*,
        chance * mean_amount as value_amount,
        sqrt(
            mean_amount * mean_amount * (chance - chance_lo) * (chance - chance_lo)
            + chance * chance * (mean_amount - mean_lo) * (mean_amount - mean_lo)
        ) as below,
        sqrt(
            mean_amount * mean_amount * (chance_hi - chance) * (chance_hi - chance)
            + chance * chance * (mean_hi - mean_amount) * (mean_hi - mean_amount)
        ) as above
    from bounded

),

totals as (

    select tickets from grouped where segment_type = 'all'

),

adjusted as (

    select
        valued.carrier,
        valued.currency,
        sum(cast(types.tickets as double precision)) as weight,
        {{ sum_in_order('types.tickets * valued.value_amount', 'valued.ticket_type') }} / sum(types.tickets) as value_amount,
        sqrt({{ sum_in_order('power(types.tickets * valued.below, 2)', 'valued.ticket_type') }}) / sum(types.tickets) as below,
        sqrt({{ sum_in_order('power(types.tickets * valued.above, 2)', 'valued.ticket_type') }}) / sum(types.tickets) as above
    from valued
    inner join grouped as types
        on types.segment_type = 'ticket_type' and valued.ticket_type = types.ticket_type
    where valued.segment_type = 'carrier_and_type' and valued.value_amount is not null
    group by valued.carrier, valued.currency

),

joined as (

    select
        {{ columns_of('valued', ['carrier', 'tickets', 'currency', 'value_amount', 'below', 'above']) }},
        {{ ratio('adjusted.weight', 'totals.tickets') }} as mix_coverage,
        adjusted.value_amount as adjusted_amount,
        adjusted.below as adjusted_below,
        adjusted.above as adjusted_above,
        not valued.is_small and adjusted.weight >= 0.9 * totals.tickets as is_adjusted
    from valued
    cross join totals
    left join adjusted
        on valued.segment_type = 'carrier'
        and valued.carrier = adjusted.carrier
        and valued.currency = adjusted.currency

),

ticket_value as (

    select
        segment_type,
        segment,
        carrier,
        ticket_type,
        currency,
        tickets,
        cast(approved as bigint) as approved,
        chance as approval_chance,
        chance_lo as approval_chance_lo,
        chance_hi as approval_chance_hi,
        amount_claims,
        mean_amount,
        case when not is_small then value_amount end as value_amount,
        case when not is_small and value_amount is not null then greatest(0, value_amount - below) end as value_amount_lo,
        case when not is_small then value_amount + above end as value_amount_hi,
        case when is_adjusted then adjusted_amount end as mix_adjusted_amount,
        case when is_adjusted then greatest(0, adjusted_amount - adjusted_below) end as mix_adjusted_amount_lo,
        case when is_adjusted then adjusted_amount + adjusted_above end as mix_adjusted_amount_hi,
        mix_coverage,
        is_small
    from joined

)

select * from ticket_value
