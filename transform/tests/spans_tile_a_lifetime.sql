-- Tickets whose spans leave a gap, overlap, or do not add up to the time from creation to last sight.
{{ config(severity='warn') }}

with

spans as (

    select
        *,
        {{ value_before('valid_to') }} over (partition by ticket_id order by span_no) as previous_valid_to
    from {{ ref('fct_status_spans') }}

),

lives as (

    select
        spans.ticket_id,
        min(spans.valid_from) as began_at,
        max(spans.observed_until) as ended_at,
        sum(spans.calendar_seconds) as seconds,
        sum(case when spans.is_current then 1 else 0 end) as current_spans,
        sum(case when spans.span_no > 1 and spans.valid_from <> spans.previous_valid_to then 1 else 0 end)
            as gaps,
        sum(case when spans.calendar_seconds < 0 then 1 else 0 end) as negative_spans,
        sum(case
            when spans.valid_from_latest < spans.valid_from_earliest
                or spans.valid_from < spans.valid_from_earliest
                then 1
            else 0
        end) as false_bounds
    from spans
    group by spans.ticket_id

)

select tickets.ticket_id, lives.*
from {{ ref('fct_ticket_resolution') }} as tickets
left join lives on tickets.ticket_id = lives.ticket_id
where lives.ticket_id is null
    or lives.began_at <> tickets.created_at
    or lives.ended_at <> tickets.last_seen_at
    or lives.seconds <> {{ seconds_between('tickets.created_at', 'tickets.last_seen_at') }}
    or lives.current_spans <> 1
    or lives.gaps > 0
    or lives.negative_spans > 0
    or lives.false_bounds > 0
