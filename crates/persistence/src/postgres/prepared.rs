//! Statements that diesel's query builder has no words for, prepared once for each connection.

/// A statement of fixed text with values between its pieces. Its type is its name in diesel's cache, so that the text is
/// put together and prepared once for each connection, however many rows a call is about.
macro_rules! prepared {
    ($(#[$about:meta])* $name:ident { $($value:ident: $held:ty => $sql:ty),+ $(,)? } -> $row:ty, $pieces:expr) => {
        $(#[$about])*
        pub(super) struct $name<'a> {
            $(pub(super) $value: Vec<$held>,)+
        }

        impl diesel::query_builder::QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl diesel::query_builder::Query for $name<'_> {
            type SqlType = $row;
        }

        impl<Connection> diesel::RunQueryDsl<Connection> for $name<'_> {}

        impl diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name<'_> {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
            ) -> diesel::QueryResult<()> {
                let mut pieces = $pieces.into_iter();
                $(
                    out.push_sql(pieces.next().unwrap_or_default());
                    out.push_bind_param::<diesel::sql_types::Array<$sql>, _>(&self.$value)?;
                )+
                pieces.for_each(|piece| out.push_sql(piece));
                Ok(())
            }
        }
    };
}

pub(super) use prepared;
