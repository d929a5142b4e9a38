-- Tickets whose waiting times do not add up to the time they were open, up to four minutes lost by
-- rounding each of them down. Counted again from the spans, without the table the mart is made from.
{{ config(severity='warn') }}

with

tickets as (

    select * from {{ ref('fct_ticket_resolution') }} where history_is_complete and count_reopens = 0

)

select ticket_id
from tickets
where carrier_wait_minutes + merchant_wait_minutes + sendcloud_work_minutes + unknown_wait_minutes
    not between {{ minutes('duration_seconds') }} - 4 and {{ minutes('duration_seconds') }}
