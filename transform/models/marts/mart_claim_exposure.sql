-- One row per segment and currency: what open tickets are expected to pay yet, with a 95 % range for
-- what comes: chance of each ticket, and what is not known of the chances and of the mean amounts.

with

exposure as (

    select * from {{ ref('fct_open_claim_exposure') }}

),

-- tickets judged by the same curve err together; mean amounts are taken to err all one way, which
-- widens the range a little
blocks as (

    select
        carrier,
        ticket_type,
        currency,
        estimated_from,
        count(*) as open_tickets,
        sum(p_approval order by ticket_id) as expected_approved,
        sum(expected_payout_amount order by ticket_id) as expected_payout,
        sum(payout_variance order by ticket_id) as payout_variance,
        sum(p_approval_se * expected_amount_if_approved order by ticket_id) as chance_error,
        sum(p_approval * expected_amount_if_approved_se order by ticket_id) as amount_error
    from exposure
    group by carrier, ticket_type, currency, estimated_from

),

summed as (

    select
        case
            when grouping(carrier) = 0 and grouping(ticket_type) = 0 then 'carrier_and_type'
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        carrier,
        ticket_type,
        currency,
        estimated_from,
        sum(open_tickets) as open_tickets,
        sum(expected_approved order by carrier, ticket_type) as expected_approved,
        sum(expected_payout order by carrier, ticket_type) as expected_payout,
        sum(payout_variance order by carrier, ticket_type) as payout_variance,
        sum(chance_error order by carrier, ticket_type) as chance_error,
        sum(amount_error order by carrier, ticket_type) as amount_error
    from blocks
    group by grouping sets (
        (currency, estimated_from),
        (carrier, currency, estimated_from),
        (ticket_type, currency, estimated_from),
        (carrier, ticket_type, currency, estimated_from)
    )

),

segments as (

    select
        segment_type,
        case segment_type
            when 'carrier_and_type' then carrier || ' / ' || ticket_type
            when 'carrier' then carrier
            when 'ticket_type' then ticket_type
            else 'all'
        end as segment,
        max(carrier) as carrier,
        max(ticket_type) as ticket_type,
        currency,
        sum(open_tickets) as open_tickets,
        sum(expected_approved order by estimated_from) as expected_approved,
        sum(expected_payout order by estimated_from) as expected_payout,
        sum(payout_variance order by estimated_from)
        + sum(chance_error * chance_error order by estimated_from)
        + sum(amount_error order by estimated_from) * sum(amount_error order by estimated_from)
            as variance
    from summed
    group by 1, 2, currency

),

claim_exposure as (

    select
        segment_type,
        segment,
        carrier,
        ticket_type,
        currency,
        cast(open_tickets as bigint) as open_tickets,
        expected_approved,
        expected_payout / nullif(expected_approved, 0) as mean_amount,
        expected_payout as expected_payout_amount,
        sqrt(variance) as expected_payout_amount_se,
        greatest(0, expected_payout - {{ z95() }} * sqrt(variance)) as expected_payout_amount_lo,
        expected_payout + {{ z95() }} * sqrt(variance) as expected_payout_amount_hi
    from segments

)

select * from claim_exposure
