-- One row per open ticket: who it waits for, how long it has had its status, and for how long nothing
-- has changed. A change is known to lie between two sights: ages have a bound on each side. They are
-- counted to the last sight, since nobody looked after it.

with

tickets as (

    select * from {{ ref('fct_ticket_resolution') }} where is_open

),

spans as (

    select
        spans.ticket_id,
        spans.span_no,
        spans.status,
        spans.valid_from,
        spans.valid_from_earliest,
        spans.valid_from_latest,
        spans.is_left_truncated,
        spans.is_current,
        first_value(spans.status) over (partition by spans.ticket_id order by spans.span_no desc)
            as present_status
    from {{ ref('fct_status_spans') }} as spans
    inner join tickets on spans.ticket_id = tickets.ticket_id

),

-- a change of stage within one status is a change, and the status goes on
numbered as (

    select
        spans.*,
        coalesce(max(
            case when status is distinct from present_status then span_no end
        ) over (partition by ticket_id), 0) + 1 as status_no
    from spans

),

statuses as (

    select
        ticket_id,
        max(case when span_no = status_no then valid_from end) as status_since,
        max(case when span_no = status_no then valid_from_earliest end) as status_since_earliest,
        max(case when span_no = status_no then valid_from_latest end) as status_since_latest,
        max(case when span_no = status_no and is_left_truncated then 1 else 0 end) = 1 as is_left_truncated,
        max(case when is_current then valid_from end) as changed_at,
        max(case when is_current then valid_from_earliest end) as changed_earliest,
        max(case when is_current then valid_from_latest end) as changed_latest
    from numbered
    group by ticket_id

),

-- a request asked for or met is a change, too
requests as (

    select
        ticket_id,
        max({{ greatest_known('created_at', 'case when first_missing_at is not null then last_seen_at end') }}) as changed_earliest,
        max({{ greatest_known('created_at', 'first_missing_at') }}) as changed_latest,
        sum(case when is_outstanding then 1 else 0 end) as outstanding_requests
    from {{ ref('fct_requested_actions') }}
    group by ticket_id

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

dated as (

    select
        {{ columns_of('tickets', ['ticket_id']) }},
        as_of.as_of,
        statuses.status_since,
        statuses.status_since_earliest,
        statuses.status_since_latest,
        statuses.is_left_truncated,
        {{ greatest_known('tickets.created_at', 'tickets.updated_at', 'statuses.changed_earliest', 'requests.changed_earliest') }}
            as unchanged_since_earliest,
        {{ least_known(
            'tickets.last_seen_at',
            greatest_known('tickets.created_at', 'tickets.updated_at', 'statuses.changed_latest', 'requests.changed_latest')
        ) }} as unchanged_since_latest,
        coalesce(requests.outstanding_requests, 0) as outstanding_requests
    from tickets
    cross join as_of
    inner join statuses on tickets.ticket_id = statuses.ticket_id
    left join requests on tickets.ticket_id = requests.ticket_id

),

open_tickets as (

    select
        ticket_id,
        order_number,
        parcel_id,
        brand_id,
        carrier,
        ticket_type,
        status,
        stage,
        waiting_on,
        created_at,
        last_seen_at,
        unsolved_ticket_age_minutes as age_minutes,
        status_since,
        {{ minutes_between('status_since', 'last_seen_at') }} as status_minutes,
        {{ minutes_between('status_since_latest', 'last_seen_at') }} as status_minutes_min,
        {{ minutes_between('status_since_earliest', 'last_seen_at') }} as status_minutes_max,
        not is_left_truncated as is_status_watched,
        unchanged_since_latest as unchanged_since,
        {{ minutes_between('unchanged_since_latest', 'last_seen_at') }} as unchanged_minutes_min,
        {{ minutes_between(least_known('unchanged_since_earliest', 'unchanged_since_latest'), 'last_seen_at') }}
            as unchanged_minutes_max,
        cast(outstanding_requests as bigint) as outstanding_requests,
        count_reopens,
        breach_at,
        {{ minutes_between('as_of', 'breach_at') }} as minutes_to_breach,
        coalesce(breach_at >= as_of and breach_at < {{ plus_days('as_of', 7) }}, false) as breaches_within_7d
    from dated

)

select * from open_tickets
