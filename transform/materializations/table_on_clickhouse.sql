{# A table on ClickHouse, made in one statement, with the contract's columns and comments. dbt-clickhouse's own
   way makes all columns of a contract such that they take no null, asks each time whether tables can be
   exchanged, and takes the types that a contract has word by word. #}
{% materialization table, adapter='clickhouse', supported_languages=['sql'] %}

{%- set table = this.incorporate(type='table') -%}

{{ run_hooks(pre_hooks) }}

{% call statement('main') -%}
    create or replace table {{ table }}
    {% if config.get('contract').enforced %}({{ clickhouse_columns(model) }}){% endif %}
    engine = MergeTree order by tuple() comment '{{ model.description | replace("\\", "\\\\") | replace("'", "\\'") }}'
    as select
        {% if config.get('contract').enforced %}{{ model.columns.keys() | join(', ') }}{% else %}*{% endif %}
    from ({{ sql }})
{%- endcall %}

{{ run_hooks(post_hooks) }}

{{ return({'relations': [table]}) }}

{% endmaterialization %}

{# The columns of a contract, each with its type and its comment. #}
{% macro clickhouse_columns(model) -%}
{% for name, column in model.columns.items() %}
    {{ name }} {{ clickhouse_type(column.data_type, column.constraints | selectattr('type', 'equalto', 'not_null') | list | length == 0) }}
    comment '{{ column.description | replace("\\", "\\\\") | replace("'", "\\'") }}'{{ ',' if not loop.last }}
{% endfor %}
{%- endmacro %}

{# What ClickHouse calls a type of ours; only what may be null is so there. dbt has translated timestamps already,
   into what holds whole seconds. #}
{% macro clickhouse_type(kind, may_be_null) -%}
{% set names = {
    'text': 'String', 'bigint': 'Int64', 'integer': 'Int32', 'boolean': 'Bool', 'double precision': 'Float64',
    'date': 'Date32', 'timestamp': "DateTime64(6, 'UTC')", 'DateTime': "DateTime64(6, 'UTC')"
} %}
{% set name = names.get(kind, kind | replace('numeric', 'Decimal')) %}
{{- 'Nullable(' ~ name ~ ')' if may_be_null else name -}}
{%- endmacro %}
