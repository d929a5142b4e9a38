{# A table on DuckDB, replaced in one transaction. dbt-duckdb's own way asks the catalogue for indexes and
   foreign keys, builds beside the old table and renames twice: over thirty tables that is a fifth of
   a nightly run. Here no table has an index or a foreign key, and DuckDB replaces atomically. #}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}

{%- set table = this.incorporate(type='table') -%}

{{ run_hooks(pre_hooks) }}

{% call statement('main') -%}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
        create or replace table {{ table }} {{ get_table_columns_and_constraints() }};
        insert into {{ table }} {{ get_column_names() }} ({{ get_select_subquery(sql) }});
    {% else %}
        create or replace table {{ table }} as ({{ sql }});
    {% endif %}
{%- endcall %}

{{ run_hooks(post_hooks) }}
{% do persist_docs(table, model) %}
{% do adapter.commit() %}

{{ return({'relations': [table]}) }}

{% endmaterialization %}
