-- Tickets the API says were updated or solved before they were created, or created after they were
-- last seen. stg_tickets puts their moments in order.
{{ config(severity='warn') }}

select tickets.id as ticket_id
from {{ source('sendcloud', 'tickets') }} as tickets
left join {{ source('sendcloud', 'tickets__resolution') }} as resolutions
    on tickets.id = resolutions.ticket_id
where tickets.updated_at < tickets.created_at
    or resolutions.solved_at < tickets.created_at
    or tickets.created_at > tickets.last_seen_at
