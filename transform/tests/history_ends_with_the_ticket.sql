-- Tickets whose last span is not the status the ticket was last seen with: history was lost.
{{ config(severity='warn') }}

select tickets.ticket_id
from {{ ref('fct_ticket_resolution') }} as tickets
inner join {{ ref('fct_status_spans') }} as spans
    on tickets.ticket_id = spans.ticket_id and spans.is_current
where tickets.status <> spans.status or tickets.stage <> spans.stage
